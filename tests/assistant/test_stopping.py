"""Stop takes effect within a second, whatever the turn waits for, and leaves everything as it should be."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from apps.assistant import tool_steps
from apps.assistant.commands import cancel_turn, retry_turn, send_message
from apps.assistant.models import ModelCall, ToolCall, Turn
from apps.base.errors import Forbidden
from apps.execution.models import Run
from apps.journal.models import AuditEntry
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import START, Gate, Status, body, calls, says, text_block
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import wait_for_output
from tests.support.turns import ask, asked, go_on, said_by, tools_of_turn, wait_for_turn

CREATE = ("create_cell", {"kind": "python", "source": "x = 1", "after": "end"})


@contextmanager
def within_a_second() -> Iterator[None]:
    began_at = time.monotonic()
    yield
    assert time.monotonic() - began_at < 1.0


def stop(person: Person, turn: Turn, *, interrupt: bool = False) -> None:
    cancel_turn(actor=person.actor, notebook_id=turn.notebook_id, turn_id=turn.id, interrupt=interrupt)


def test_while_the_model_speaks(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    gate = Gate()
    api.script([START, *body([text_block("So far")[:2]]), gate])
    with asked(owner, notebook) as turn:
        wait_until(lambda: said_by(turn) == "So far", "it speaks")
        with within_a_second():
            stop(owner, turn)
            wait_for_turn(turn, "cancelled")
    assert said_by(turn) == "So far"  # what was said stays to be seen
    (call,) = ModelCall.objects.filter(turn=turn)
    assert call.status == "torn"
    assert call.error
    assert call.error["code"] == "cancelled"
    assert call.input_tokens + call.cache_write_tokens > 0


def test_before_the_model_says_anything(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    gate = Gate()
    api.script([gate])
    with asked(owner, notebook) as turn:
        gate.wait_until_reached()
        with within_a_second():
            stop(owner, turn)
            wait_for_turn(turn, "cancelled")


def test_while_it_waits_to_try_again(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    """However long the server wants it to wait."""
    api.script([Status(429, "rate_limit_error", "x", {"retry-after": "3600"})])
    with asked(owner, notebook) as turn:
        wait_until(lambda: Turn.objects.get(id=turn.id).notice, "it says that it waits")
        turn.refresh_from_db()
        assert (
            turn.notice == "Too much is asked of the model right now (its rate limit). Trying again in 60 s."
        )
        with within_a_second():
            stop(owner, turn)
            wait_for_turn(turn, "cancelled")
    assert turn.notice == ""


def test_before_its_turn_has_come(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Please do.")
    stop(owner, turn)
    go_on(turn)
    assert turn.status == "cancelled"
    assert not ModelCall.objects.filter(turn=turn).exists()


def test_a_turn_that_has_ended_stays_as_it_is(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(says("Done."))
    turn = ask(owner, notebook)
    stop(owner, turn)
    turn.refresh_from_db()
    assert (turn.status, turn.is_cancel_requested) == ("done", False)


def test_only_editors_and_who_asked(
    api: MessagesApi, owner: Person, editor: Person, viewer: Person, notebook: Notebook
) -> None:
    turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Please do.")
    for interrupt in (False, True):
        with pytest.raises(Forbidden):
            stop(viewer, turn, interrupt=interrupt)
    turn.refresh_from_db()
    assert turn.status == "queued"
    stop(editor, turn)
    own = send_message(actor=viewer.actor, notebook_id=notebook.id, message="Please tell.")
    stop(viewer, own)


def test_a_stopped_turn_goes_on_when_retried(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    gate = Gate()
    api.script(calls(CREATE), [START, *body([text_block("Half")[:2]]), gate], says("Whole."))
    with asked(owner, notebook) as turn:
        wait_until(lambda: "Half" in said_by(turn), "it speaks")
        stop(owner, turn)
    retry_turn(actor=owner.actor, notebook_id=notebook.id, turn_id=turn.id)
    go_on(turn)
    assert (turn.status, said_by(turn)) == ("done", "Whole.")
    assert len(tools_of_turn(turn)) == 1


def test_while_a_cell_runs(
    worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """The turn stops; the cell goes on."""
    cell = add_cell(owner, notebook, "import time\nprint('began', flush=True)\ntime.sleep(60)")
    api.script(calls(("run_cell", {"cell_id": str(cell.id)})))
    with asked(owner, notebook) as turn:
        wait_for_output(cell, lambda text: "began" in text)
        with within_a_second():
            stop(owner, turn)
            wait_for_turn(turn, "cancelled")
    cell.refresh_from_db()
    assert cell.status == CellStatus.RUNNING
    assert ToolCall.objects.get(turn=turn).status == "cancelled"


def test_a_run_does_not_begin_after_the_stop(
    api: MessagesApi, owner: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stop comes between the worker's last look and the tool."""
    cell = add_cell(owner, notebook, "1")
    check_input = tool_steps._check_input

    def stopped_here(*arguments: Any) -> None:
        stop(owner, Turn.objects.get(notebook=notebook), interrupt=True)
        check_input(*arguments)

    monkeypatch.setattr(tool_steps, "_check_input", stopped_here)
    api.script(calls(("run_cell", {"cell_id": str(cell.id)})))
    turn = ask(owner, notebook)
    assert turn.status == "cancelled"
    assert not Run.objects.filter(notebook=notebook).exists()
    assert not AuditEntry.objects.filter(notebook_id=notebook.id, action="run").exists()
