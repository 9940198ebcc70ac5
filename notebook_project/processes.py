"""The operating-system processes of Tandem: how one is described, started, ended, and found again.

Used by the embedded servers, the supervisor and the tests. What runs when is decided in `supervisor.py`.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from apps.kernels.cgroups import remove_left_over
from apps.kernels.marks import marked_processes

PR_SET_PDEATHSIG = 1  # prctl(2)


class StartError(Exception):
    """Something cannot be started; the message says in one sentence why, or what to do, or where to look."""


@dataclass(frozen=True)
class Account:
    """The user and group a program runs as, where that is not ours."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """One program, ready to be started."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)  # added to ours
    account: Account | None = None
    directory: Path | None = None
    open_files: tuple[int, ...] = ()  # descriptors that it inherits
    stop_signal: signal.Signals = signal.SIGTERM  # asks it to end in good order
    orphan_signal: signal.Signals = signal.SIGKILL  # what it gets when its parent dies
    stop_timeout_s: float = 5.0  # then it is killed
    log_path: Path | None = None  # None: its lines are for the terminal

    def options(self) -> dict[str, Any]:
        """For `subprocess.Popen` and `asyncio.create_subprocess_exec`.

        An own session keeps the terminal's Ctrl-C away: who started the program ends it, in the right order.
        Start it from the main thread: Linux takes the end of the starting thread for the end of the parent.
        """
        account = self.account
        return {
            "cwd": self.directory,
            "env": {**os.environ, **self.environment},
            "pass_fds": self.open_files,
            "start_new_session": True,
            "preexec_fn": _end_with_parent(self.orphan_signal),
            **({"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}),
        }


def run_to_end(program: Program, log_path: Path) -> int:
    """Run a program that ends by itself; its exit status."""
    with log_path.open("ab") as log:
        process = subprocess.Popen(program.argv, stdout=log, stderr=log, **program.options())
        return process.wait()


def kill_session(pid: int) -> None:
    """End a process that leads its session, and everything in its group, at once."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_kernels(data_dir: Path, *, timeout_s: float = 1.0) -> int:
    """End every kernel of this data folder, and what their cells started; how many processes that were.

    Kernels live in sessions of their own and outlive workers, so they are found by their environment.
    """
    processes = [marked.process for marked in marked_processes(data_dir)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=timeout_s)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=timeout_s)
    remove_left_over(data_dir)
    return len(processes)


def _end_with_parent(orphan_signal: signal.Signals) -> Callable[[], None] | None:
    """Runs in the new process: Linux then sends it this signal when its parent is gone, even by SIGKILL."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # loaded here, since little is safe between fork and exec
    parent_pid = os.getpid()

    def ask_for_signal() -> None:
        prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if os.getppid() != parent_pid:  # it was gone before we could ask
            os._exit(1)

    return ask_for_signal
