"""The supervisor on small real processes."""

import asyncio
import functools
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import ParamSpec

import psutil
import pytest

from notebook_project import supervisor as supervisor_module
from notebook_project.processes import Program, StartError
from notebook_project.supervisor import Child, Supervisor

IGNORES_SIGTERM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("on", flush=True)
time.sleep(600)
"""


SAYS_GOODBYE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("goodbye"))
print("on", flush=True)
time.sleep(600)
"""

P = ParamSpec("P")


def in_an_event_loop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def python(code: str, *, stop_timeout_s: float = 5.0, log_path: Path | None = None) -> Program:
    return Program("child", (sys.executable, "-c", code), stop_timeout_s=stop_timeout_s, log_path=log_path)


async def wait_until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  (the other side is a process)
            await asyncio.sleep(0.01)


@in_an_event_loop
async def test_a_child_that_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    log_path = tmp_path / "log"
    supervisor = Supervisor()
    await supervisor.start(
        Child("child", lambda: python(IGNORES_SIGTERM, stop_timeout_s=0.1, log_path=log_path))
    )
    await wait_until(log_path.read_text)
    await supervisor.stop()
    assert not _children()


@in_an_event_loop
async def test_what_a_child_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    log_path = tmp_path / "log"
    code = "import os, time; print(os.fork(), flush=True); time.sleep(600)"
    supervisor = Supervisor()
    await supervisor.start(Child("child", lambda: python(code, log_path=log_path)))
    await wait_until(lambda: log_path.read_text().count("\n") == 2)
    grandchild_pid = max(int(line) for line in log_path.read_text().split())
    await supervisor.stop()
    await wait_until(lambda: not _is_running(grandchild_pid))


@in_an_event_loop
async def test_a_child_that_ends_at_once_is_started_again_and_again_but_ever_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_BACKOFF_S", 0.1)
    monkeypatch.setattr(supervisor_module, "LONGEST_BACKOFF_S", 0.3)
    supervisor = Supervisor()
    said = ""
    await supervisor.start(Child("child", lambda: python("import sys; sys.exit(3)")))
    for wait in ("0.1", "0.2", "0.3", "0.3"):
        while f"ended with status 3; next start in {wait} s" not in said:
            said += capsys.readouterr().out
            await asyncio.sleep(0.01)
        said = said.partition(f"in {wait} s")[2]
    await supervisor.stop()


@in_an_event_loop
async def test_a_first_start_that_fails_is_not_tried_again() -> None:
    def wait_until_ready(is_alive: Callable[[], bool]) -> None:
        while is_alive():
            pass
        raise StartError("It does not start.")

    supervisor = Supervisor()
    with pytest.raises(StartError, match="It does not start"):
        await supervisor.start(
            Child("child", lambda: python("import sys; sys.exit(3)"), wait_until_ready),
            Child("other", lambda: python("import time; time.sleep(600)")),
        )
    await supervisor.stop()
    assert not _children()


@in_an_event_loop
async def test_a_line_without_an_end_is_shown_in_pieces(capsys: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor()
    code = "import time; print('x' * 300_000, end='', flush=True); time.sleep(600)"
    await supervisor.start(Child("child", lambda: python(code)))
    shown = 0
    while shown < 200_000:
        shown += capsys.readouterr().out.count("x")
        await asyncio.sleep(0.01)
    await supervisor.stop()


@in_an_event_loop
async def test_its_last_words_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor()
    await supervisor.start(Child("child", lambda: python(SAYS_GOODBYE)))
    await wait_until(lambda: "on" in capsys.readouterr().out)
    await supervisor.stop()
    assert "child    | goodbye" in capsys.readouterr().out


@in_an_event_loop
async def test_kill_does_not_wait(tmp_path: Path) -> None:
    log_path = tmp_path / "log"
    supervisor = Supervisor()
    await supervisor.start(
        Child("child", lambda: python(IGNORES_SIGTERM, stop_timeout_s=60, log_path=log_path))
    )
    await wait_until(log_path.read_text)
    stopping = asyncio.create_task(supervisor.stop("child"))
    await asyncio.sleep(0)
    supervisor.kill()
    async with asyncio.timeout(5):
        await stopping


def _children() -> list[psutil.Process]:
    """The processes that these tests started: those of the embedded servers have other command lines."""
    return [child for child in psutil.Process().children() if "-c" in child.cmdline()[:2]]


def _is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
