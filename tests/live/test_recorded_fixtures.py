"""What a real server sends is what the browser's reducer is tested with.

The recorded file in tests/fixtures/protocol/ is compared with a new recording; where the protocol has changed on
purpose, run this test with UPDATE_FIXTURES=1 and read the difference.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.replay import replayed, without_outputs
from tests.support.socket import NotebookSocket

RECORDED = Path(__file__).parent.parent / "fixtures" / "protocol" / "recorded_session.json"

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
ELAPSED = re.compile(r'"elapsed_ms": \d+')
PERSON = re.compile(r"owner-\d+")


def test_the_recording_is_up_to_date(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    recording = with_stable_names(record(server, owner, notebook))
    if os.environ.get("UPDATE_FIXTURES"):
        RECORDED.write_text(json.dumps(recording, indent=2, ensure_ascii=False) + "\n")
    assert recording == json.loads(RECORDED.read_text())


def test_python_replays_it_too() -> None:
    case = json.loads(RECORDED.read_text())
    events = [message for message in case["messages"] if message["type"] == "event"]
    assert without_outputs(replayed(case["before"], events)) == without_outputs(case["after"])


def record(server: WebProcess, owner: Person, notebook: Notebook) -> dict[str, Any]:
    first = add_cell(owner, notebook, "x = 1")
    with NotebookSocket(server, notebook.id, owner) as socket:
        before = socket.open()["notebook"]
        socket.event("kernel_status", status="idle")  # the opening starts it, whatever else is done meanwhile
        client_id = socket.result("open", since_seq=before["seq"])["client_id"]
        words = socket.result("cell_create", kind="markdown", source="# Words", after="")["cell"]["id"]
        push = [[5, [0, "2"]], [6, [0, "", "x"]]]
        socket.result("cell_push", cell_id=str(first.id), client_id=client_id, version=0, updates=push)
        last = socket.result("cell_create", kind="sql", source="print('🐍')")["cell"]["id"]
        socket.result("cell_configure", cell_id=last, kind="python")
        socket.result("cell_configure", cell_id=last, is_source_hidden=True, is_scrolled=True)
        socket.result("cell_move", cell_id=words, after=last)
        socket.result("notebook_rename", title="Recorded")
        for cell_id in (
            str(first.id),
            last,
        ):  # of cells in one run it depends on the moment who is told together
            socket.result("run", scope="cell", cell_id=cell_id)
            socket.wait_for(lambda frame: frame.get("event", {}).get("type") == "run_finished")
        socket.result("outputs_clear", cell_id=last)
        second = socket.result("cell_split", cell_id=str(first.id), version=2, position=6)["cell"]["id"]
        socket.result("cell_delete", cell_id=str(first.id), expected_version=3)
        socket.result("cell_restore", cell_id=str(first.id))
        merged = {"next_cell_id": second, "next_version": 0}
        socket.result("cell_merge", cell_id=str(first.id), version=3, **merged)
        socket.result("cell_delete", cell_id=words)
        socket.wait_for(lambda frame: frame.get("event") == {"type": "cell_deleted", "cell_id": words})
        messages = [frame for frame in socket.received if frame["type"] in ("event", "output")]
        after = socket.open()["notebook"]
    return {"before": before, "messages": messages, "after": after}


def with_stable_names(recording: dict[str, Any]) -> dict[str, Any]:
    """Ids, times and the owner's name replaced by what is the same in every recording."""
    text = json.dumps(recording, ensure_ascii=False)
    for number, found in enumerate(dict.fromkeys(UUID.findall(text)), 1):
        text = text.replace(found, f"00000000-0000-4000-8000-{number:012}")
    text = TIME.sub("2026-01-01T00:00:00+00:00", text)
    text = ELAPSED.sub('"elapsed_ms": 7', PERSON.sub("owner", text))
    stable: dict[str, Any] = json.loads(text)
    return stable
