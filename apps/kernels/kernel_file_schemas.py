"""What tables there are in databases that are files of the workspace. Imported by kernel_main.py alone, and imports
nothing of the server.

`schema_request` (shell) is {kind: sqlite or duckdb, path}, with a reply as in kernel_answers.py: {tables: [[schema,
name, is_view, [[column, type]]]], is_complete}.

A file may be made to attack whoever opens it, and it is looked at without anybody having run anything. So that is done
in a process of its own, within the same sandbox (kernel_file_schema_main.py): what it breaks or uses up is not the
kernel's. It ends when a cell begins, which may want the file for itself.
"""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import Any

from kernel_answers import Answers
from kernel_sql import SqlError
from kernel_sql_files import place_of
from kernel_table_cells import Refused
from kernel_table_jobs import Jobs

Json = dict[str, Any]

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kernel_file_schema_main.py")
KINDS = ("sqlite", "duckdb")

# SQLite reads the statements of all tables first, ten thousand in a second.
LIMIT_S = 20.0
# Of a process that is killed.
END_S = 2.0

RUNS = "A cell began to run, which comes first. Look again when the kernel is idle."
TOO_LONG = "To look into this file takes too long. Ask it in an SQL cell."
BROKEN = "This file cannot be read. It may be damaged, or too large to look into: ask it in an SQL cell."


class FileSchemas:
    """Its methods are called by the thread that runs cells. `workspace` is a descriptor of the folder of the paths."""

    def __init__(self, workspace: int) -> None:
        self._workspace = workspace
        self._answers = Answers(self._begin)
        self._jobs = Jobs("file-schemas", LIMIT_S + END_S)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._run_count = 0

    async def answer(self, asked: Json) -> Json:
        """The content of `schema_reply`."""
        reply: Json = await self._answers.answer(asked)
        return reply

    def end(self) -> None:
        """Cells begin to run: no file is open when it returns."""
        with self._lock:
            self._run_count += 1
            if self._process is not None:
                _end(self._process)

    def _begin(self, asked: Json) -> "Future[Json]":
        kind, run_count = asked["kind"], self._run_count
        if kind not in KINDS:
            raise Refused("Nobody knows how to open that.")
        try:
            place = place_of(self._workspace, asked["path"])
        except SqlError as error:
            raise Refused(str(error)) from None
        future: Future[Json] = self._jobs.submit(lambda: self._read(kind, place, run_count))
        return future

    def _read(self, kind: str, place: str, run_count: int) -> Json:
        with self._lock:
            if run_count != self._run_count:
                raise Refused(RUNS)
            # Alone with the standard library and what is installed: modules in the workspace are none of its.
            process = self._process = subprocess.Popen(
                [sys.executable, "-I", PROGRAM, kind, place],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        try:
            said, _ = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            raise Refused(TOO_LONG) from None
        finally:
            with self._lock:
                self._process = None
            _end(process)
        if run_count != self._run_count:
            raise Refused(RUNS)
        return _told(said)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(END_S)


def _told(said: bytes) -> Json:
    try:
        told: Json = json.loads(said)
    except ValueError:
        raise Refused(BROKEN) from None
    if "error" in told:
        raise Refused(told["error"])
    return told
