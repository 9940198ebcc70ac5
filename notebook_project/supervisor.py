"""Keeps the processes of one `manage.py up` alive, shows their lines, and ends them in order.

What the children are, and what happens between their starts, is decided in `launch.py`.
"""

import asyncio
import signal
import subprocess
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from notebook_project.processes import Program, StartError, kill_session

# A child that dies at once again and again must not eat the machine: the wait doubles from the first of these
# to the second, and starts over once the child has lived for the third.
FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 10.0
SETTLED_AFTER_S = 30.0

# A longer line is shown in pieces: a child that never ends its line must not fill our memory.
LINE_BYTES = 2**16
LAST_WORDS_S = 0.2
NAME_WIDTH = 8


@dataclass(frozen=True)
class Child:
    """A program to keep alive."""

    name: str
    # Blocking, called in a thread before every start: it may clear what the last one left.
    prepare: Callable[[], Program]
    # Blocking, called in a thread: until the child does its work; raises once `is_alive()` is false.
    wait_until_ready: Callable[[Callable[[], bool]], None] | None = None


class Supervisor:
    """All of it runs in the main thread's event loop, but for the blocking parts of a `Child`."""

    def __init__(self) -> None:
        self._running: list[_RunningChild] = []

    async def start(self, *children: Child) -> None:
        """Start them together and wait until all are ready; what fails now raises and is not tried again."""
        started = [_RunningChild(child) for child in children]
        self._running += started
        try:
            async with asyncio.TaskGroup() as group:
                for child in started:
                    group.create_task(child.start())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # the first is the cause: the others were cancelled

    async def stop(self, *names: str) -> None:
        """End these children at the same time; without names, all that are left, the last started first."""
        if names:
            await asyncio.gather(*(self._stop(child) for child in list(self._running) if child.name in names))
        while not names and self._running:
            await self._stop(self._running[-1])

    def kill(self) -> None:
        """End everything at once, without asking."""
        for child in self._running:
            child.kill()

    async def _stop(self, child: "_RunningChild") -> None:
        await child.stop()
        self._running.remove(child)


class _RunningChild:
    def __init__(self, child: Child) -> None:
        self.name = child.name
        self._child = child
        self._program: Program | None = None
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._launch()
        if self._child.wait_until_ready is not None:
            await asyncio.to_thread(self._child.wait_until_ready, self._is_alive)
        self._keeper = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        process, program = self._process, self._program
        if process is None or program is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(program.stop_signal)
        try:
            async with asyncio.timeout(program.stop_timeout_s):
                await process.wait()
        except TimeoutError:
            show(self.name, "did not end in time and is killed")
        self.kill()  # also what it left behind in its session
        await process.wait()
        await self._finish_reading()

    def kill(self) -> None:
        if self._process is not None:
            kill_session(self._process.pid)

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def _launch(self) -> None:
        self._program = program = await self._prepare()
        if program.log_path is not None:
            with program.log_path.open("ab") as log:
                self._process = await _start_process(program, stdout=log)
            return
        self._process = process = await _start_process(program, stdout=subprocess.PIPE)
        assert process.stdout is not None
        self._reader = asyncio.create_task(_show_lines(self.name, process.stdout))

    async def _prepare(self) -> Program:
        try:
            return await asyncio.to_thread(self._child.prepare)
        except OSError as error:  # a file that belongs to another user, a disk that is full
            raise StartError(f"{self.name} cannot start: {error}.") from error

    async def _keep_alive(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        while True:
            started_at = time.monotonic()
            reason = await self._wait_for_end()
            if time.monotonic() - started_at > SETTLED_AFTER_S:
                backoff_s = FIRST_BACKOFF_S
            show(self.name, f"{reason}; next start in {backoff_s:.1f} s")
            await asyncio.sleep(backoff_s)
            backoff_s = min(2 * backoff_s, LONGEST_BACKOFF_S)
            await self._relaunch()

    async def _wait_for_end(self) -> str:
        assert self._process is not None
        status = await self._process.wait()
        self.kill()  # what it left behind in its session
        await self._finish_reading()
        return ended(status)

    async def _finish_reading(self) -> None:
        """Show its last words, but do not wait for a stranger that holds its output open."""
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=LAST_WORDS_S)
            self._reader.cancel()

    async def _relaunch(self) -> None:
        try:
            await self._launch()
        except (StartError, OSError) as error:
            show(self.name, str(error))


async def _start_process(program: Program, stdout: int | IO[bytes]) -> Process:
    return await asyncio.create_subprocess_exec(
        *program.argv,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        **program.options(),
    )


async def _show_lines(name: str, stream: asyncio.StreamReader) -> None:
    rest = b""
    while chunk := await stream.read(LINE_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LINE_BYTES:
            lines, rest = [*lines, rest], b""
        for line in lines:
            show(name, line.decode(errors="replace"))
    if rest:
        show(name, rest.decode(errors="replace"))


def show(name: str, line: str) -> None:
    """One line of a child, or about it, on the terminal."""
    with suppress(OSError):  # a terminal that is gone must not end the notebooks
        print(f"{name:<{NAME_WIDTH}} | {line.rstrip()}", flush=True)  # noqa: T201


def ended(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
