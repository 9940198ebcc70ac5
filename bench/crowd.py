"""Conversations on many notebooks at once, each watched by a client of its own, against the fake API.

The API is a process of its own here: what it computes for a hundred streams must not hold up whoever measures.
"""

import asyncio
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench.client import TIMEOUT_S, new_notebook
from bench.measure import print_table, shown
from bench.server import TOKEN, Server, running_server
from tests.support.messages_api import MessagesApi, Reply
from tests.support.messages_api_replies import START, Act, Json, Pause, body, calls, ends, text_block

CROWD = 100
STEPS = 3
FIRST_TOKEN_S, TOKEN_S, TOKENS = 0.3, 0.025, 200
LOOK_S = 0.2


@dataclass
class Seen:
    """What one client saw of its turn."""

    status: str = ""
    latencies_ms: list[float] = field(default_factory=list)
    tools_done: int = 0


def a_crowd(**settings: str) -> None:
    """Turns of three tool steps and a spoken answer; tokens as they reach sockets. On a server of its own."""
    with crowd_api() as (environment, faults), running_server(**settings, **environment) as server:
        notebooks = [new_notebook(server, "x = 0") for _ in range(CROWD)]
        server.wait_until_calm()
        with _watched(server) as peaks:
            began, used_before = time.monotonic(), _cpu_s(server)
            seen = asyncio.run(_all(server, notebooks))
            took_s, used_after = time.monotonic() - began, _cpu_s(server)
        said = faults()
    latencies = [each for one in seen for each in one.latencies_ms]
    print_table(
        f"{CROWD} conversations at once, {STEPS} tool steps, {1 / TOKEN_S:.0f} tokens a second each",
        ["Tandem"],
        [
            ("token to socket, ms", [shown(latencies)]),
            ("tokens that arrived, %", [f"{100 * len(latencies) / (CROWD * TOKENS):.1f}"]),
            ("turns that were done", [str(sum(one.status == "done" for one in seen))]),
            ("tools that were done", [str(sum(one.tools_done for one in seen))]),
            ("faults the API found", [str(len(said))]),
            ("all done, s", [f"{took_s:.1f}"]),
            *(
                (f"{name}: memory before, at most, MB", [f"{before:.0f}, {most:.0f}"])
                for name, (before, most) in peaks.items()
            ),
            *(
                (f"{name}: of a core, %", [f"{100 * (used_after[name] - used_before[name]) / took_s:.0f}"])
                for name in PROCESSES
            ),
        ],
    )
    for fault in said[:3]:
        print(fault)


# What they are called, and a word of their command lines.
PROCESSES = {"worker": "--queues assistant", "web server": "web_server"}


async def _all(server: Server, notebooks: list[str]) -> list[Seen]:
    async with asyncio.timeout(TIMEOUT_S):
        return list(await asyncio.gather(*(_converse(server, notebook_id) for notebook_id in notebooks)))


async def _converse(server: Server, notebook_id: str) -> Seen:
    url = f"ws://127.0.0.1:{server.port}/ws/notebooks/{notebook_id}/"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with connect(url, additional_headers=headers, max_size=None, compression=None) as socket:
        message = {"id": 1, "type": "chat_send", "message": f"Go, {notebook_id}."}
        # Without an `open`, which would start a kernel for each: what these cost is another figure.
        await socket.send(json.dumps(message))
        return await _watch(socket)


async def _watch(socket: ClientConnection) -> Seen:
    seen, partial = Seen(), ""
    while not seen.status:
        text = await socket.recv()
        now = time.time()
        frame = json.loads(text)
        if frame["type"] != "chat":
            if frame["type"] == "reply" and not frame["ok"]:
                raise SystemExit(f"It was refused: {frame['error']}")
            continue
        match frame["event"]:
            case {"type": "text_delta", "text": told}:
                *stamps, partial = (partial + told).split(" ")
                seen.latencies_ms += [(now - float(stamp)) * 1000 for stamp in stamps]
            case {"type": "tool_result", "tool": {"status": "done", "is_error": False}}:
                seen.tools_done += 1
            case {"type": "done", "status": status}:
                seen.status = status
    return seen


@contextmanager
def _watched(server: Server) -> Iterator[dict[str, tuple[float, float]]]:
    """`{process: (memory before, the most since)}` in MB, complete at the end."""
    found = {name: (server.memory_mb(word),) * 2 for name, word in PROCESSES.items()}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_S):
            for name, word in PROCESSES.items():
                before, most = found[name]
                found[name] = (before, max(most, server.memory_mb(word)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def _cpu_s(server: Server) -> dict[str, float]:
    return {name: server.cpu_s(word) for name, word in PROCESSES.items()}


# The API, in its own process


@contextmanager
def crowd_api() -> Iterator[tuple[dict[str, str], Any]]:
    """The environment of a server that is to ask it, and a function that ends it and gives its faults."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,))
    process.start()

    def faults() -> list[str]:
        ours.send("end")
        told: list[str] = ours.recv()
        return told

    try:
        yield ours.recv(), faults
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Any) -> None:
    with MessagesApi() as api:
        api.always(_speak)
        pipe.send(api.environment)
        pipe.recv()
        pipe.send(api.faults)


def _speak(request: Json) -> Reply:
    step = sum(1 for message in request["messages"] if message["role"] == "assistant")
    if step < STEPS:
        cell = {"kind": "python", "source": f"x{step} = {step}", "after": "end"}
        return [Pause(FIRST_TOKEN_S), *calls(("create_cell", cell))]
    return _Tokens([Pause(FIRST_TOKEN_S)])


class _Tokens(list[Act]):
    """Text that says when it was sent."""

    def __iter__(self) -> Iterator[Act]:
        yield from super().__iter__()
        yield START
        start, *_, stop = body([text_block("")])
        yield start
        for _ in range(TOKENS):
            yield Pause(TOKEN_S)
            yield body([text_block(f"{time.time()} ")])[1]
        yield stop
        yield from ends("end_turn")
