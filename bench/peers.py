"""The notebook servers we compare ourselves with, from PyPI, in an environment of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.server import ROOT, free_port, wait_until_served

PACKAGES = ["marimo==0.25.2", "jupyter-server==2.21.1", "jupyterlab==4.6.6", "ipykernel==7.4.0"]


@contextmanager
def running_peer(program: str, *arguments: str) -> Iterator[tuple[int, Path, int]]:
    """A program of the environment on a free port (`{port}` in its arguments) in an empty folder; both, and its pid."""
    folder = Path(tempfile.mkdtemp(prefix="tandem-peer-"))
    port = free_port()
    command = [str(_environment() / "bin" / program), *(each.format(port=port) for each in arguments)]
    # An empty home: what a person has set up for themselves must not change the figures.
    homes = {name: str(folder / "home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    (folder / "notebooks").mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder / "notebooks", env=os.environ | homes, stdout=log, stderr=log
        )
    try:
        wait_until_served(f"http://127.0.0.1:{port}/api/status", process, folder / "log")
        yield port, folder / "notebooks", process.pid
    finally:
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _environment() -> Path:
    """Made once and kept under the data folder, as it takes a minute."""
    data_dir = Path(os.environ.get("NOTEBOOK_DATA_DIR") or ROOT / "data")
    environment, stamp = data_dir / "bench-peers", data_dir / "bench-peers" / "packages"
    if not stamp.exists() or stamp.read_text().split() != PACKAGES:
        print(f"bench: installing {', '.join(PACKAGES)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", *PACKAGES]
        subprocess.run(pip, check=True)
        stamp.write_text("\n".join(PACKAGES))
    return environment


def _end(process: "subprocess.Popen[bytes]") -> None:
    """With its kernels, which may not have heard of it."""
    kernels = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for kernel in kernels:
        if kernel.is_running():
            kernel.kill()
