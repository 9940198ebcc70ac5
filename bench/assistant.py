"""What the assistant's loop adds to the model's own time, and a hundred conversations at once; against the fake API."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from websockets.sync.client import connect

from bench.client import TIMEOUT_S, new_notebook, rest
from bench.measure import print_table, shown
from bench.server import TOKEN, Server
from tests.support.messages_api import MessagesApi, Reply
from tests.support.messages_api_replies import START, Act, Json, Pause, body, calls, ends, says, text_block

# Of the server that is measured.
SETTINGS = {"NOTEBOOK_ASSISTANT_TURNS": "100", "NOTEBOOK_ASSISTANT_TURN_STEPS": "100"}
STEPS = 50
LOOKS, CELLS = 11, 1_000
# About, of code and numbers: tokens are the model's own affair.
CHARS_PER_TOKEN = 3
CROWD = 100
WATCHED = 10
FIRST_TOKEN_S, TOKEN_S, TOKENS = 0.3, 0.025, 40


def between_steps(server: Server, api: MessagesApi) -> None:
    """From the last byte of a reply to the first of the next request, with an `edit_cell` in between."""
    api.reset()
    notebook_id = new_notebook(server, "x = 0")
    (cell,) = rest(server, "GET", f"notebooks/{notebook_id}/")["cells"]

    def edit(request: Json) -> Reply:
        step = _step(request)
        if step == STEPS:
            return says("Done.")
        old, new = f"x = {step}", f"x = {step + 1}"
        return calls(("edit_cell", {"cell_id": cell["id"], "version": step, "find": old, "replace": new}))

    api.always(edit)
    _wait(server, notebook_id, _ask(server, notebook_id))
    if api.faults:
        raise SystemExit(f"The API had something to say: {api.faults}")
    times = zip(api.replied_at, (after for _, after in pairwise(api.requested_at)), strict=False)
    gaps_ms = [(after - before) * 1000 for before, after in times]
    text = rest(server, "GET", f"notebooks/{notebook_id}/")["cells"][0]["source"]
    print_table(
        f"The loop between two calls of the model, {STEPS} steps",
        ["Tandem"],
        [("reply to next request, ms", [shown(gaps_ms)]), ("edits made", [text.removeprefix("x = ")])],
    )


def a_crowd(server: Server, api: MessagesApi) -> None:
    """Conversations on as many notebooks at once, of three steps; tokens as they reach a socket."""
    api.reset()
    api.always(_speak)
    notebooks = [new_notebook(server, "x = 0") for _ in range(CROWD)]
    before_mb = server.memory_mb("assistant")
    with ThreadPoolExecutor(WATCHED + 20) as pool:
        watching = [pool.submit(_latencies_ms, server, notebook_id) for notebook_id in notebooks[:WATCHED]]
        began = time.monotonic()
        turns = list(pool.map(lambda notebook_id: _ask(server, notebook_id), notebooks))
        states = [_wait(server, *each) for each in zip(notebooks, turns, strict=True)]
        took_s = time.monotonic() - began
        latencies = [each for watched in watching for each in watched.result()]
    print_table(
        f"{CROWD} conversations at once, three steps, {1 / TOKEN_S:.0f} tokens a second each",
        ["Tandem"],
        [
            ("token to socket, ms", [shown(latencies)]),
            ("turns that were done", [str(sum(state == "done" for state in states))]),
            ("all done, s", [f"{took_s:.1f}"]),
            ("worker memory grown, MB", [f"{server.memory_mb('assistant') - before_mb:.1f}"]),
        ],
    )


def a_long_notebook(server: Server, api: MessagesApi) -> None:
    """`get_notebook_state` of many cells that depend on each other, with outputs; its size as the model is sent it."""
    api.reset()
    notebook_id = str(rest(server, "POST", "notebooks/import/", _linked_cells())["id"])
    api.always(
        lambda request: says("Done.") if _step(request) == LOOKS else calls(("get_notebook_state", {}))
    )
    turn_id = _ask(server, notebook_id)
    _wait(server, notebook_id, turn_id)
    blocks = rest(server, "GET", f"notebooks/{notebook_id}/turns/{turn_id}/")["blocks"]
    first_ms, *again_ms = [float(block["elapsed_ms"]) for block in blocks if block["type"] == "tool"]
    (result,) = api.requests[-1]["messages"][-1]["content"]
    size = sum(len(block["text"]) for block in result["content"])
    print_table(
        f"get_notebook_state of {CELLS:,} linked cells with 1 kB of output each, {LOOKS} times",
        ["Tandem"],
        [
            ("first, ms", [f"{first_ms:.0f}"]),
            ("again, ms", [shown(again_ms)]),
            ("characters a cell", [f"{size / CELLS:.0f}"]),
            (
                f"tokens a cell, at {CHARS_PER_TOKEN} characters each",
                [f"{size / CELLS / CHARS_PER_TOKEN:.0f}"],
            ),
        ],
    )


def _linked_cells() -> Json:
    output = {"output_type": "stream", "name": "stdout", "text": "0123456 " * 128}
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "execution_count": number,
            "source": f"value_{number} = value_{max(0, number - 1)} + 1\nprint(value_{number})",
            "outputs": [output],
        }
        for number in range(CELLS)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _speak(request: Json) -> Reply:
    if _step(request) < 3:
        return [
            Pause(FIRST_TOKEN_S),
            *calls(("create_cell", {"kind": "python", "source": "1", "after": "end"})),
        ]
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


def _latencies_ms(server: Server, notebook_id: str) -> list[float]:
    latencies, partial = [], ""
    url = f"ws://127.0.0.1:{server.port}/ws/notebooks/{notebook_id}/"
    with connect(url, additional_headers={"Authorization": f"Bearer {TOKEN}"}, max_size=None) as socket:
        while True:
            frame = json.loads(socket.recv(timeout=TIMEOUT_S))
            event = frame.get("event", {})
            if frame["type"] == "chat" and event["type"] == "text_delta":
                *sent, partial = (partial + event["text"]).split(" ")
                latencies += [(time.time() - float(each)) * 1000 for each in sent]
            elif event.get("type") == "done":
                return latencies


def _step(request: Json) -> int:
    return sum(1 for message in request["messages"] if message["role"] == "assistant")


def _ask(server: Server, notebook_id: str) -> str:
    turn: Any = rest(server, "POST", f"notebooks/{notebook_id}/chat/", {"message": f"Go, {notebook_id}."})
    return str(turn["turn"]["id"])


def _wait(server: Server, notebook_id: str, turn_id: str) -> str:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        status = str(rest(server, "GET", f"notebooks/{notebook_id}/turns/{turn_id}/")["status"])
        if status in ("done", "failed", "cancelled"):
            return status
        time.sleep(0.1)
    raise SystemExit("A turn does not end.")
