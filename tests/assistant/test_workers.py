"""With a real worker: a turn that writes and runs cells, a kick that gets lost, a worker that is killed or stopped."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.assistant import wake
from apps.assistant.commands import send_message
from apps.assistant.models import Turn, TurnLease
from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import Gate, Json, calls, message, says, tool_block
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import cells_of, stream_text
from tests.support.turns import result_text, tool_results, tools_of_turn, wait_for_turn


@pytest.fixture
def mortal_turns_worker(turns_worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """The session's worker runs again afterwards."""
    yield turns_worker
    if not turns_worker.is_alive():
        turns_worker.start()


def send(person: Person, notebook: Notebook) -> Turn:
    return send_message(actor=person.actor, notebook_id=notebook.id, message="Please do.")


def test_it_writes_a_cell_runs_it_and_mends_it(
    worker: WorkerProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """As a model does: it takes the id of the cell from the result."""

    def run(request: Json) -> object:
        return calls(("run_cell", {"cell_id": str(cells_of(notebook)[0].id)}))

    def mend(request: Json) -> object:
        (result,) = tool_results(request)
        assert "ZeroDivisionError" in result["content"][0]["text"]
        edit = {"cell_id": str(cells_of(notebook)[0].id), "version": 0, "source": "print(6 * 7)"}
        return calls(("update_cell", edit))

    def tell(request: Json) -> object:
        (result,) = tool_results(request)
        assert "42" in result["content"][0]["text"]
        return says("It is 42.")

    create = {"kind": "python", "source": "print(42 / 0)", "after": "end"}
    api.script(calls(("create_cell", create)), run, mend, run, tell)  # type: ignore[arg-type]
    turn = wait_for_turn(send(owner, notebook), "done", "failed", deadline_s=60)
    assert turn.error is None
    (cell,) = cells_of(notebook)
    assert stream_text(cell) == "42\n"


def test_a_lost_kick_is_found(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the sweep, which beat asks for."""
    monkeypatch.setattr(wake, "kick", lambda _: None)
    api.script(says("Here."))
    assert wait_for_turn(send(owner, notebook), "done").error is None


def test_a_killed_worker_s_turn_goes_on(
    worker: WorkerProcess,
    mortal_turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    notebook: Notebook,
) -> None:
    """In the middle of a run that it waits for: the run is asked for once, and waited for again."""
    cell = add_cell(
        owner, notebook, "import pathlib, time\nprint('began', flush=True)\ntime.sleep(3)\nprint('ended')"
    )
    api.script(message([tool_block("run_cell", {"cell_id": str(cell.id)})], "tool_use"), says("It ended."))
    turn = send(owner, notebook)
    wait_until_started(turn)
    mortal_turns_worker.kill()
    TurnLease.objects.filter(pk=notebook.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    mortal_turns_worker.start()
    wait_for_turn(turn, "done", "failed")
    assert turn.error is None
    (call,) = tools_of_turn(turn)
    assert "ended" in result_text(call)
    assert notebook.runs.count() == 1


def test_a_worker_that_stops_leaves_the_turn_to_another(
    mortal_turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    gate = Gate()
    api.script([gate], says("From the other."))
    turn = send(owner, notebook)
    gate.wait_until_reached()
    mortal_turns_worker.stop()
    assert TurnLease.objects.get(pk=notebook.id).expires_at < timezone.now()  # it let go by itself
    mortal_turns_worker.start()
    assert wait_for_turn(turn, "done").error is None


def wait_until_started(turn: Turn) -> None:

    wait_until(lambda: [call.status for call in tools_of_turn(turn)] == ["started"], "the run has started")
