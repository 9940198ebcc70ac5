"""A run that a person has to approve, with real workers: the turn waits as a row, and no restart changes that."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from apps.assistant.commands import send_message
from apps.assistant.models import TurnLease
from apps.execution.models import Run
from apps.journal.models import AuditEntry
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, says
from tests.support.processes import Database, WebProcess, WorkerProcess, wait_until
from tests.support.running import stream_text, wait_for_run
from tests.support.socket import Frame, NotebookSocket
from tests.support.turns import tool_results, tools_of_turn, wait_for_turn


@pytest.fixture
def own_worker(database: Database, messages_api: MessagesApi) -> Iterator[WorkerProcess]:
    environment: Any = messages_api.environment
    worker = WorkerProcess(database.data_dir, database.url, queue="assistant", **environment)
    worker.start()
    yield worker
    worker.kill()


def told_of_waiting(socket: NotebookSocket) -> Frame:
    """The card, as a page gets it that was there."""
    frame = socket.wait_for(
        lambda frame: frame["type"] == "chat" and frame["event"]["type"] == "approval_needed"
    )
    tool: Frame = frame["event"]["tool"]
    return tool


def test_a_long_run_waits_through_restarts(
    worker: WorkerProcess,
    own_worker: WorkerProcess,
    chat_server: WebProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """The plan is estimated by how long its cells took the last time."""
    slow = add_cell(owner, notebook, "data = 7")
    fast = add_cell(owner, notebook, "print(data)")
    Cell.objects.filter(id=slow.id).update(elapsed_ms=90_000)
    Cell.objects.filter(id=fast.id).update(elapsed_ms=2_500)
    api.script(calls(("run_cell", {"cell_id": str(slow.id)})), says("It ran."))
    with NotebookSocket(chat_server, notebook.id, editor) as socket:
        socket.open()
        turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Run it.")
        card = told_of_waiting(socket)
        wait_for_turn(turn, "waiting")
        assert card["status"] == "waiting"
        assert (
            card["reason"] == "This is estimated to run for 92 s, and above 60 s somebody has to approve it."
        )
        assert card["preview"] == {
            "kind": "run",
            "plan": {
                "cells": [
                    {
                        "cell_id": str(slow.id),
                        "reasons": [{"kind": "asked", "text": "you asked"}],
                        "estimated_s": 90.0,
                    },
                    {
                        "cell_id": str(fast.id),
                        "reasons": [
                            {
                                "kind": "reads_from",
                                "text": "reads data from cell 1",
                                "name": "data",
                                "cell_id": str(slow.id),
                            }
                        ],
                        "estimated_s": 2.5,
                    },
                ],
                "skipped": [],
                "estimated_s": 92.5,
            },
        }
        # Who waits for a person holds no worker.
        leases = TurnLease.objects.filter(pk=notebook.id, expires_at__lt=timezone.now())
        wait_until(leases.exists, "the turn has no worker")
        own_worker.kill()
        own_worker.start()
        check_that_it_goes_on_with_others(own_worker, api, owner, notebook)
        shown = socket.result("chat_turn", turn_id=str(turn.id))["turn"]
        assert shown["status"] == "waiting"
        assert shown["blocks"] == [card]
        assert not Run.objects.filter(notebook=notebook).exists()
        socket.result("chat_decide", tool_call_id=card["id"], decision="approved")
        wait_for_turn(turn, "done", "failed", deadline_s=60)
    assert turn.error is None
    assert wait_for_run(Run.objects.get(notebook=notebook)).status == "ok"
    assert stream_text(fast) == "7\n"
    (call,) = tools_of_turn(turn)
    assert (call.status, call.is_error, call.decided_by_id) == ("done", False, editor.user.pk)
    (result,) = tool_results(api.requests[-1])
    assert "ended: ok" in result["content"][0]["text"]
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="call_tool")
    assert (entry.details["tool"], entry.details["decided_by"]) == ("run_cell", call.decided_by_label)


def check_that_it_goes_on_with_others(
    worker: WorkerProcess, api: MessagesApi, person: Person, notebook: Notebook
) -> None:
    """The new worker does another conversation's turn of the notebook: so it has looked at what waits, and left it."""
    api.script(says("Another."), of="Meanwhile")
    other = send_message(actor=person.actor, notebook_id=notebook.id, message="Meanwhile?")
    wait_for_turn(other, "done")
    assert worker.is_alive()
