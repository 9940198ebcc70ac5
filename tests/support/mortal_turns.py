"""Workers for turns that can be killed by the dozen: one process forks a child for each, which takes milliseconds.

As a program (`python -m`): reads ids of notebooks, a line each, and answers each with the pid of a child that does the
notebook's turns and ends.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import psutil

from notebook_project.processes import Program
from notebook_project.programs import BASE_DIR
from tests.support.processes import Database, wait_until


class MortalTurns:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def begin(self, notebook_id: UUID) -> psutil.Process:
        """A process that does the notebook's turns."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{notebook_id}\n")
        self._process.stdin.flush()
        return psutil.Process(int(self._process.stdout.readline()))


@contextmanager
def mortal_turns(database: Database, **settings: str) -> Iterator[MortalTurns]:
    program = Program(
        "turns",
        (sys.executable, "-m", "tests.support.mortal_turns"),
        environment={
            "DJANGO_SETTINGS_MODULE": "notebook_project.settings",
            "DATABASE_URL": database.url,
            "NOTEBOOK_DATA_DIR": str(database.data_dir),
            **settings,
        },
        directory=BASE_DIR,
    )
    process = subprocess.Popen(
        program.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **program.options()
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield MortalTurns(process)
    finally:
        process.kill()
        process.wait()


def has_ended(child: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return child.status() == psutil.STATUS_ZOMBIE
    return True


def kill(child: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        child.kill()
    wait_until(lambda: has_ended(child), "it is gone")


def main() -> None:
    import django  # noqa: PLC0415  (only in the process of its own)

    django.setup()
    from apps.assistant.turn_worker import do_turns  # noqa: PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.dup2(2, 1)
            do_turns(UUID(line.strip()))
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
