"""Stop a turn with its cells: what it has asked to run ends within a second, what people run goes on."""

from datetime import datetime, timedelta

from django.utils import timezone

from apps.assistant.commands import cancel_turn, send_message
from apps.assistant.models import Turn, TurnLease
from apps.execution.commands import request_run
from apps.execution.models import CellRun, CellRunStatus, Lane, LaneCommand, Run, RunStatus
from apps.journal.models import AuditEntry
from apps.kernels.processes import workspace_of
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import Gate, calls, says
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.replay import verified_replay
from tests.support.running import outputs_of, wait_for_output, wait_for_run, wait_for_status
from tests.support.socket import NotebookSocket
from tests.support.tools import call, new_turn
from tests.support.turns import tools_of_turn, wait_for_turn

A_SECOND = timedelta(seconds=1)

ENDLESS = "import time\nprint('began', flush=True)\nwhile True: time.sleep(0.01)"
GATED = "import os, time\nprint('began', flush=True)\nwhile not os.path.exists('gate'): time.sleep(0.01)"


def send(person: Person, notebook: Notebook) -> Turn:
    return send_message(actor=person.actor, notebook_id=notebook.id, message="Please do.")


def stop_with_cells(person: Person, turn: Turn) -> None:
    cancel_turn(actor=person.actor, notebook_id=turn.notebook_id, turn_id=turn.id, interrupt=True)


def run_of_person(person: Person, cell: Cell) -> Run:
    return request_run(actor=person.actor, notebook_id=cell.notebook_id, scope="cell", cell_id=cell.id)


def has_begun(cell: Cell) -> None:
    wait_for_output(cell, lambda text: "began" in text)


def open_gate(notebook: Notebook) -> None:
    (workspace_of(notebook.id) / "gate").touch()


def run_of(turn: Turn) -> Run:
    (tool_call,) = tools_of_turn(turn)
    assert tool_call.state
    return Run.objects.get(id=tool_call.state["run_id"])


def actions_in(notebook: Notebook) -> list[str]:
    entries = AuditEntry.objects.filter(notebook_id=notebook.id)
    return list(entries.order_by("id").values_list("action", flat=True))


def test_turn_and_cell_end_within_a_second(
    worker: WorkerProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """From when the stop was written down, before its request was answered, to when workers wrote that both had ended:
    by the clock of one machine, and without the time in which this process looks for it."""
    cell = add_cell(owner, notebook, ENDLESS)
    after = add_cell(owner, notebook, "print('never')")
    api.script(calls(("run_cell", {"cell_id": str(cell.id)}), ("run_cell", {"cell_id": str(after.id)})))
    with verified_replay(owner, notebook):
        turn = send(owner, notebook)
        has_begun(cell)
        stop_with_cells(owner, turn)
        wait_for_turn(turn, "cancelled")
        run = wait_for_run(Run.objects.get(notebook=notebook))
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KeyboardInterrupt"
    stopped_at: datetime = AuditEntry.objects.get(notebook_id=notebook.id, action="cancel_turn").at
    assert turn.finished_at
    assert turn.finished_at - stopped_at < A_SECOND
    assert run.finished_at
    assert run.finished_at - stopped_at < A_SECOND
    assert [each.status for each in tools_of_turn(turn)] == ["cancelled", "cancelled"]
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="stop_runs")
    assert entry.details == {"run_ids": [str(run.id)]}


def test_a_person_s_cell_goes_on(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """The turn's waits behind it, and never runs."""
    theirs = add_cell(editor, notebook, GATED)
    cell = add_cell(owner, notebook, "print('never')")
    person_s_run = run_of_person(editor, theirs)
    has_begun(theirs)
    api.script(calls(("run_cell", {"cell_id": str(cell.id)})))
    with verified_replay(owner, notebook):
        turn = send(owner, notebook)
        wait_until(lambda: [each.status for each in tools_of_turn(turn)] == ["started"], "its run is queued")
        stop_with_cells(owner, turn)
        wait_for_turn(turn, "cancelled")
        wait_for_status(cell, CellStatus.CANCELLED)
        assert run_of(turn).status == RunStatus.CANCELLED
        assert wait_for_status(theirs, CellStatus.RUNNING)
        assert Lane.objects.get(pk=notebook.id).command == LaneCommand.NONE
        open_gate(notebook)
        assert wait_for_run(person_s_run).status == RunStatus.OK
    assert outputs_of(cell) == []
    assert "interrupt_kernel" not in actions_in(notebook)


def test_a_person_s_cell_runs_after_the_turn_s(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """The turn's queued cell does not."""
    cell = add_cell(owner, notebook, f"{GATED}\nx = 1")
    reader = add_cell(owner, notebook, "print(x)")
    theirs = add_cell(editor, notebook, "print('a person')")
    api.script(calls(("run_cell", {"cell_id": str(reader.id)})))
    with verified_replay(owner, notebook):
        turn = send(owner, notebook)
        has_begun(cell)
        person_s_run = run_of_person(editor, theirs)
        stop_with_cells(editor, turn)
        wait_for_turn(turn, "cancelled")
        assert wait_for_run(person_s_run).status == RunStatus.OK
    assert wait_for_run(run_of(turn)).status == RunStatus.ERROR  # its first cell has a KeyboardInterrupt
    statuses = CellRun.objects.filter(run=run_of(turn)).order_by("id").values_list("status", flat=True)
    assert list(statuses) == [CellRunStatus.ERROR, CellRunStatus.CANCELLED]


def test_a_turn_that_has_ended_interrupts_nothing(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    theirs = add_cell(editor, notebook, GATED)
    api.script(says("Done."))
    turn = wait_for_turn(send(owner, notebook), "done")
    person_s_run = run_of_person(editor, theirs)
    has_begun(theirs)
    before = actions_in(notebook)
    stop_with_cells(owner, turn)
    assert actions_in(notebook) == before
    assert Lane.objects.get(pk=notebook.id).command == LaneCommand.NONE
    open_gate(notebook)
    assert wait_for_run(person_s_run).status == RunStatus.OK


def test_a_viewer_stops_the_own_turn_but_no_cells(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    chat_server: WebProcess,
    api: MessagesApi,
    owner: Person,
    viewer: Person,
    notebook: Notebook,
) -> None:
    """Refused before anything is done; without the cells it works."""
    cell = add_cell(owner, notebook, GATED)
    person_s_run = run_of_person(owner, cell)
    has_begun(cell)
    gate = Gate()
    api.script([gate])
    turn = send(viewer, notebook)
    gate.wait_until_reached()
    before = actions_in(notebook)
    with NotebookSocket(chat_server, notebook.id, viewer) as socket:
        refused = socket.call("chat_cancel", turn_id=str(turn.id), interrupt=True)
        assert not refused["ok"]
        assert refused["error"]["code"] == "forbidden"
        assert "Stop the assistant alone" in refused["error"]["message"]
        turn.refresh_from_db()
        assert (turn.status, turn.is_cancel_requested) == ("running", False)
        assert actions_in(notebook) == before
        socket.result("chat_cancel", turn_id=str(turn.id), interrupt=False)
    wait_for_turn(turn, "cancelled")
    assert wait_for_status(cell, CellStatus.RUNNING)
    open_gate(notebook)
    assert wait_for_run(person_s_run).status == RunStatus.OK


def test_stopped_first_and_then_with_its_cells(
    worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """While its worker, which is this test, has not obeyed the first yet."""
    cell = add_cell(owner, notebook, ENDLESS)
    TurnLease.objects.create(notebook=notebook, fence=1, expires_at=timezone.now() + timedelta(hours=1))
    turn = new_turn(owner, notebook)
    told = call(owner, notebook, "run_cell", turn=turn, should_stop=lambda: True, cell_id=str(cell.id))
    assert not told.is_error
    has_begun(cell)
    cancel_turn(actor=owner.actor, notebook_id=notebook.id, turn_id=turn.id)
    assert wait_for_status(cell, CellStatus.RUNNING)
    stop_with_cells(owner, turn)
    assert outputs_of(wait_for_status(cell, CellStatus.ERROR))[-1]["ename"] == "KeyboardInterrupt"
    assert actions_in(notebook).count("cancel_turn") == 1
