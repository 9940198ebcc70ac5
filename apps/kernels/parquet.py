"""What a Parquet file holds: columns, how many rows, and the first of them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from apps.base.errors import Invalid, Unavailable
from apps.kernels.sandbox import Sandbox, SandboxKind, required_kind
from apps.kernels.seccomp import seccomp_file

PROGRAM = Path(__file__).with_name("kernel_parquet.py")
ROWS = 5
# A second for Python and DuckDB to start on a slow machine, and a lot for the file.
TIMEOUT_S = 15
CPU_S = 10
MAX_MEMORY_BYTES = 2 * 2**30
MAX_ANSWER_BYTES = 1_000_000


@dataclass(frozen=True)
class ParquetHead:
    """`columns` are `[name, type]` with DuckDB's names of types; `rows` are texts."""

    columns: list[list[str]]
    count: int
    rows: list[list[str]]


def parquet_head(file: BinaryIO, *, rows: int = ROWS) -> ParquetHead:
    """Invalid if it is no Parquet file that can be read; Unavailable if nothing can be run to read it."""
    with ExitStack() as stack, tempfile.TemporaryFile() as answer:
        command, fds = _command(stack, rows)
        try:
            reader = subprocess.run(
                command,
                stdin=file,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                pass_fds=fds,
                timeout=TIMEOUT_S,
                check=False,
                env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(
                "Reading the Parquet file took too long. Read it with code in a cell."
            ) from None
        answer.seek(0)
        try:
            told = json.loads(answer.read(MAX_ANSWER_BYTES) if reader.returncode == 0 else b"")
            return ParquetHead(told["columns"], int(told["count"]), told["rows"])
        # A file that has taken the reader over can make it say anything.
        except (ValueError, TypeError, KeyError):
            raise Invalid(
                "This is no Parquet file that can be read here. Try to read it with code in a cell."
            ) from None


def _command(stack: ExitStack, rows: int) -> tuple[list[str], list[int]]:
    """The program with limits and, where kernels have one, in a sandbox that has an empty folder; what it inherits."""
    program = [sys.executable, str(PROGRAM), str(rows)]
    if limit := shutil.which("prlimit"):
        program = [
            limit,
            f"--data={MAX_MEMORY_BYTES}",
            f"--cpu={CPU_S}",
            f"--fsize={MAX_ANSWER_BYTES}",
            "--",
            *program,
        ]
    if required_kind() is not SandboxKind.BWRAP:
        return program, []
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-")))
    filter_fd = stack.enter_context(seccomp_file())
    return Sandbox(folder, folder, folder).command(program, "--seccomp", filter_fd), [filter_fd]
