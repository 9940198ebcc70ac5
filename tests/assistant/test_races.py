"""People and the assistant at the same time: nothing is lost, and both are told."""

from threading import Thread
from typing import Any

from apps.assistant.commands import send_message
from apps.assistant.models import Turn
from apps.assistant.turn_worker import do_turns
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import delete_cell
from apps.notebooks.models import CellStatus, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, says
from tests.support.processes import WorkerProcess
from tests.support.races import at_once
from tests.support.running import cells_of, wait_for_status
from tests.support.turns import ask, result_text, tool_results, tools_of_turn


def test_a_person_edits_the_cell_that_the_assistant_edits(
    api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """Its edit of what it has read is refused with the new text, and it makes the edit again on that."""
    cell = add_cell(owner, notebook, "x = 1\ny = 2")
    edit: dict[str, Any] = {"cell_id": str(cell.id), "version": 0, "source": "x = 10\ny = 2"}

    def first(_: Any) -> Any:
        write(editor, cell, "x = 1\ny = 2\nz = 3")
        return calls(("update_cell", edit))

    def second(request: Any) -> Any:
        (told,) = tool_results(request)
        assert told["is_error"]
        text = told["content"][0]["text"]
        assert "z = 3" in text
        assert editor.actor.label in text
        return calls(("update_cell", {**edit, "version": 1, "source": "x = 10\ny = 2\nz = 3"}))

    api.script(first, second, says("Both are in."))
    assert ask(owner, notebook).status == "done"
    cell.refresh_from_db()
    assert cell.source == "x = 10\ny = 2\nz = 3"


def test_a_person_edits_the_cell_that_the_assistant_runs(
    worker: WorkerProcess, api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """The run is of the text that it was asked for; the edit stays, and leaves the cell stale."""
    wait = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)\nprint('old')"
    cell = add_cell(owner, notebook, wait)

    def person() -> None:
        wait_for_status(cell, CellStatus.RUNNING)
        write(editor, cell, "print('new')")
        (workspace_of(notebook.id) / "go").touch()

    api.script(calls(("run_cell", {"cell_id": str(cell.id)})), says("It ran."))
    thread = Thread(target=person)
    thread.start()
    turn = ask(owner, notebook)
    thread.join()
    assert turn.status == "done"
    assert "old" in result_text(tools_of_turn(turn)[0])
    cell.refresh_from_db()
    assert (cell.source, cell.version) == ("print('new')", 1)


def test_a_person_deletes_a_cell_that_the_plan_needs(
    worker: WorkerProcess, api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "data = 1")
    reader = add_cell(owner, notebook, "print(data)")

    def run(_: Any) -> Any:
        delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=cell.id)
        return calls(("run_cell", {"cell_id": str(reader.id)}), ("read_cell", {"cell_id": str(cell.id)}))

    api.script(run, says("It is gone."))
    turn = ask(owner, notebook)
    ran, read = tools_of_turn(turn)
    assert "NameError" in result_text(ran)
    assert read.is_error
    assert [each.id for each in cells_of(notebook)] == [reader.id]


def test_two_turns_and_a_person_at_once(
    api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """Turns are one after the other; the person is not held up by either."""
    cell = add_cell(owner, notebook, "shared = 0")
    for number in range(2):
        create = {"kind": "python", "source": f"turn = {number}", "after": "end"}
        api.script(*[calls(("create_cell", create))] * 3, says(f"Done {number}."), of=f"Task {number}")
        send_message(actor=owner.actor, notebook_id=notebook.id, message=f"Task {number}")

    def act(number: int) -> None:
        if number < 2:
            do_turns(notebook.id)
            return
        for value in range(10):
            write(editor, cell, f"shared = {value + 1}")

    results = at_once(3, act)
    assert not [each for each in results if isinstance(each, Exception)]
    do_turns(notebook.id)  # what the loser of the lease left
    assert {turn.status for turn in Turn.objects.filter(notebook=notebook)} == {"done"}
    sources = [each.source for each in cells_of(notebook)]
    assert sources == ["shared = 10", *["turn = 0"] * 3, *["turn = 1"] * 3]
