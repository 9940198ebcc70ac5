"""People and the assistant at the same time, with real workers for turns and for cells: nothing lost, both told."""

import json
from typing import Any

from apps.assistant.commands import send_message
from apps.assistant.models import Turn
from apps.execution.models import CellRun
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import delete_cell
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, says
from tests.support.processes import WorkerProcess, wait_until
from tests.support.replay import verified_replay
from tests.support.running import cells_of, wait_for_status
from tests.support.tools import told
from tests.support.turns import result_text, tool_results, tools_of_turn, wait_for_turn

GATED = "import os, time\nwhile not os.path.exists('gate'): time.sleep(0.01)\n"


def ask(person: Person, notebook: Notebook, message: str) -> Turn:
    return send_message(actor=person.actor, notebook_id=notebook.id, message=message)


def open_gate(notebook: Notebook) -> None:
    (workspace_of(notebook.id) / "gate").touch()


def test_a_person_edits_a_cell_while_the_assistant_runs_it(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    cell = add_cell(owner, notebook, f"{GATED}print('as it was')")
    api.script(calls(("run_cell", {"cell_id": str(cell.id)})), says("You edited it."))
    with verified_replay(owner, notebook):
        turn = ask(owner, notebook, "Run it")
        wait_for_status(cell, CellStatus.RUNNING)
        write(editor, cell, "print('mine')")
        open_gate(notebook)
        wait_for_turn(turn, "done")
    (run,) = tools_of_turn(turn)
    assert "as it was" in result_text(run)
    assert "Somebody has edited this cell meanwhile" in result_text(run)
    cell.refresh_from_db()
    assert (cell.source, cell.status) == ("print('mine')", CellStatus.OK)
    assert "STALE (source changed)" in told(owner, notebook, "get_notebook_state")


def test_a_person_edits_a_cell_that_the_assistant_is_editing(
    turns_worker: WorkerProcess, api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "total = 1\nprint(total)")

    def meanwhile(request: Any) -> Any:
        write(editor, cell, "total = 2\nprint(total)")
        return calls(
            ("edit_cell", {"cell_id": str(cell.id), "version": 0, "find": "print(total)", "replace": "total"})
        )

    def again(request: Any) -> Any:
        (result,) = tool_results(request)
        text = json.dumps(result["content"])
        assert editor.actor.label in text
        assert "total = 2" in text
        return calls(
            ("edit_cell", {"cell_id": str(cell.id), "version": 1, "find": "print(total)", "replace": "total"})
        )

    api.script(calls(("read_cell", {"cell_id": str(cell.id)})), meanwhile, again, says("Done."))
    with verified_replay(owner, notebook):
        turn = wait_for_turn(ask(owner, notebook, "No print"), "done")
    assert [call.is_error for call in tools_of_turn(turn)] == [False, True, False]
    assert [each.source for each in cells_of(notebook)] == ["total = 2\ntotal"]


def test_a_person_deletes_a_cell_that_the_assistant_s_plan_needs(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    first = add_cell(owner, notebook, f"{GATED}first = 1")
    needed = add_cell(owner, notebook, "needed = first + 1")
    last = add_cell(owner, notebook, "print(needed)")
    api.script(calls(("run_cell", {"cell_id": str(last.id)})), says("It is gone."))
    with verified_replay(owner, notebook):
        turn = ask(owner, notebook, "Run the last")
        wait_for_status(first, CellStatus.RUNNING)
        delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=needed.id)
        turns = CellRun.objects.filter(cell=needed)
        wait_until(lambda: turns.get().status == "cancelled", "the turn of the deleted cell is withdrawn")
        open_gate(notebook)
        wait_for_turn(turn, "done")
    (run,) = tools_of_turn(turn)
    assert "Somebody has deleted this cell meanwhile" in result_text(run)
    assert wait_for_status(first, CellStatus.OK)
    last.refresh_from_db()
    assert last.status in (CellStatus.BLOCKED, CellStatus.ERROR, CellStatus.CANCELLED)
    assert [each.id for each in cells_of(notebook)] == [first.id, last.id]


def test_two_turns_and_an_edit_at_the_same_time(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    cell = add_cell(owner, notebook, "lines = []\n")

    def appended(name: str) -> Any:
        def reply(request: Any) -> Any:
            cell.refresh_from_db()
            whole = f"{cell.source}lines.append('{name}')\n"
            return calls(("update_cell", {"cell_id": str(cell.id), "version": cell.version, "source": whole}))

        return reply

    for name in ("First", "Second"):
        api.script(
            calls(("get_notebook_state", {})),
            appended(name),
            calls(("run_cell", {"cell_id": str(cell.id)})),
            says(f"{name} is done."),
            of=name,
        )
    with verified_replay(owner, notebook):
        turns = [ask(owner, notebook, "First"), ask(editor, notebook, "Second")]
        api.wait_for_requests(1)
        added = add_cell(editor, notebook, "print('a person')")
        for turn in turns:
            wait_for_turn(turn, "done")
    sources = {each.id: each.source for each in cells_of(notebook)}
    assert sources == {
        cell.id: "lines = []\nlines.append('First')\nlines.append('Second')\n",
        added.id: "print('a person')",
    }
    wait_until(lambda: wait_for_status(cell, CellStatus.OK), "it has run")
