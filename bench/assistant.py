"""What the assistant's loop and its reading of a long notebook add to the model's own time; against the fake API."""

import time
from itertools import pairwise
from typing import Any

from bench.client import TIMEOUT_S, new_notebook, rest
from bench.measure import print_table, shown
from bench.server import Server
from tests.support.messages_api import MessagesApi, Reply
from tests.support.messages_api_replies import Json, calls, says

# Of the server that is measured.
SETTINGS = {"NOTEBOOK_ASSISTANT_TURNS": "100", "NOTEBOOK_ASSISTANT_TURN_STEPS": "100"}
STEPS = 50
LOOKS, CELLS = 11, 1_000
# About, of code and numbers: tokens are the model's own affair.
CHARS_PER_TOKEN = 3


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
