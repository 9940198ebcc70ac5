"""The law of events: a snapshot taken before a change, with the change's events applied, is the snapshot after.

`replayed` is a second, naive implementation of what docs/protocol.md tells a client to do with each event; the
browser's reducer replays the same cases from tests/fixtures/protocol/.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.editing.changes import ChangeSet
from apps.execution.queries import snapshot
from apps.journal.queries import events_since
from apps.notebooks.models import Notebook
from tests.support.cast import Person

Document = dict[str, Any]


@contextmanager
def verified_replay(person: Person, notebook: Notebook, *, events: int | None = None) -> Iterator[None]:
    """Assert the law for what happens inside, and that it took `events` events, if given."""
    before = snapshot(actor=person.actor, notebook_id=notebook.id)
    yield
    after = snapshot(actor=person.actor, notebook_id=notebook.id)
    told = events_since(notebook.id, before["seq"])
    assert told is not None
    # The kernel may have said something more since.
    frames = [frame for frame in told if frame["seq"] <= after["seq"]]
    assert [frame["seq"] for frame in frames] == list(range(before["seq"] + 1, after["seq"] + 1))
    if events is not None:
        assert len(frames) == events
    assert without_outputs(replayed(before["notebook"], frames)) == without_outputs(after["notebook"])


def replayed(notebook: Document, frames: list[dict[str, Any]]) -> Document:
    """The notebook after the event frames. Outputs are not events: a client fetches them by offset."""
    notebook = copy.deepcopy(notebook)
    for frame in frames:
        _apply_event(notebook, frame["event"])
        notebook["seq"] = frame["seq"]
    notebook["cells"].sort(key=lambda cell: cell["order_key"])
    return notebook


def without_outputs(notebook: Document) -> Document:
    return notebook | {"cells": [{**cell, "outputs": None} for cell in notebook["cells"]]}


def _apply_event(notebook: Document, event: dict[str, Any]) -> None:
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cell = cells.get(event.get("cell_id", ""), {})
    match event["type"]:
        case "notebook_created" | "notebook_renamed":
            notebook["title"] = event["title"]
        case "cell_created" | "cell_restored":
            notebook["cells"].append(event["cell"])
        case "cell_updated":
            for update in event["updates"]:
                cell["source"] = ChangeSet.from_json(update["changes"]).apply(cell["source"])
            cell["version"] = event["version"]
        case "cell_moved":
            cell["order_key"] = event["order_key"]
        case "cell_deleted":
            notebook["cells"].remove(cell)
        case "cell_configured":
            settings = ("kind", "is_disabled", "result_name", "connection_id", "cache_seconds", "metadata")
            cell |= {name: event[name] for name in settings}
        case "outputs_cleared":
            for cell_id in event["cell_ids"]:
                cells[cell_id]["outputs"] = []
        case "notebook_configured":
            notebook |= {"mode": event["mode"], "language": event["language"]}
        case "run_started":
            for queued in event["run"]["cells"]:
                if cells[queued["cell_id"]]["status"] != "running":
                    cells[queued["cell_id"]] |= {"status": "queued", "blocked_by": None}
        case "cell_statuses":
            # Of a cell that was deleted while it was queued, nobody shows it.
            for status in (each for each in event["cells"] if each["cell_id"] in cells):
                cells[status["cell_id"]].update({key: status[key] for key in status if key != "cell_id"})
                cells[status["cell_id"]]["input_request"] = None
        case "input_requested":
            cell["input_request"] = event["input_request"]
        case "input_closed":
            assert cell["input_request"]["id"] == event["request_id"]
            cell["input_request"] = None
        case "kernel_status":
            notebook["kernel"] = {"status": event["status"], "message": event["message"]}
        case "conversation_created" | "conversation_updated" | "turn_created" | "turn_updated":
            pass
        case (
            "run_finished"
            | "notebook_deleted"
            | "notebook_restored"
            | "notebook_tagged"
            | "checkpoint_created"
        ):
            pass
        case "proposal_created" | "proposal_decided" | "turn_undone":
            pass  # not in the snapshot
        case unknown:
            raise AssertionError(f"docs/protocol.md knows no event {unknown!r}")
