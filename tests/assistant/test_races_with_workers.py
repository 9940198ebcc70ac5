"""People and the assistant at the same time, with real workers for turns and for cells: nothing lost, both told.

What the person is told comes over a socket of theirs, what the model is told with its next request.
"""

from typing import Any

from apps.assistant.commands import send_message
from apps.assistant.models import Turn
from apps.execution.models import CellRun
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import delete_cell
from apps.notebooks.models import Cell, CellEdit, CellStatus, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import Json, calls, says
from tests.support.processes import WebProcess, WorkerProcess, wait_until
from tests.support.replay import verified_replay
from tests.support.running import cells_of, stream_text, wait_for_status
from tests.support.socket import Frame, NotebookSocket
from tests.support.tools import told
from tests.support.turns import tool_results, tools_of_turn, wait_for_turn

GATED = "import os, time\nwhile not os.path.exists('gate'): time.sleep(0.01)\n"


def ask(person: Person, notebook: Notebook, message: str) -> Turn:
    return send_message(actor=person.actor, notebook_id=notebook.id, message=message)


def open_gate(notebook: Notebook) -> None:
    (workspace_of(notebook.id) / "gate").touch()


def told_to_model(request: Json) -> str:
    """The text of the result of its one call, in the request after it."""
    (result,) = tool_results(request)
    return "\n".join(block["text"] for block in result["content"])


def told_of_tool(socket: NotebookSocket) -> Frame:
    """What the page shows of the next call that has ended."""
    frame = socket.wait_for(lambda frame: frame["type"] == "chat" and frame["event"]["type"] == "tool_result")
    tool: Frame = frame["event"]["tool"]
    return tool


def told_of_edit(socket: NotebookSocket, cell: Cell) -> tuple[str, int]:
    """Who made the next edit of the cell, and the version that it made."""

    def is_edit(frame: Frame) -> bool:
        edit = {"type": "cell_updated", "cell_id": str(cell.id)}
        return bool(frame["type"] == "event" and edit.items() <= frame["event"].items())

    frame = socket.wait_for(is_edit)
    return frame["actor"]["kind"], frame["event"]["version"]


def told_of_end(socket: NotebookSocket, turn: Turn) -> str:
    frame = socket.wait_for(
        lambda frame: (
            frame["type"] == "chat" and frame["turn_id"] == str(turn.id) and frame["event"]["type"] == "done"
        )
    )
    status: str = frame["event"]["status"]
    return status


def test_a_person_edits_a_cell_while_the_assistant_runs_it(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    chat_server: WebProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """What runs is the text as it was; the edit stays, and leaves the cell stale."""
    cell = add_cell(owner, notebook, f"{GATED}print('as it was')")
    api.script(calls(("run_cell", {"cell_id": str(cell.id)})), says("You edited it."))
    with verified_replay(owner, notebook), NotebookSocket(chat_server, notebook.id, editor) as socket:
        socket.open()
        turn = ask(owner, notebook, "Run it")
        begun = socket.cell_status(cell_id=str(cell.id), status="running")
        assert begun["run_by"]["kind"] == "assistant"
        write(editor, cell, "print('mine')")
        assert told_of_edit(socket, cell) == ("user", 1)
        open_gate(notebook)
        assert socket.cell_status(cell_id=str(cell.id), status="ok")
        tool = told_of_tool(socket)
        assert told_of_end(socket, turn) == "done"
    wait_for_turn(turn, "done")
    meanwhile = (
        "Somebody has edited this cell meanwhile: what ran is the text as it was before, so it is stale."
    )
    assert meanwhile in tool["result"]
    assert "as it was" in tool["result"]
    assert meanwhile in told_to_model(api.requests[1])
    cell.refresh_from_db()
    assert (cell.source, cell.status) == ("print('mine')", CellStatus.OK)
    assert stream_text(cell) == "as it was\n"
    assert "STALE (source changed)" in told(owner, notebook, "get_notebook_state")


def test_a_person_edits_a_cell_that_the_assistant_is_editing(
    turns_worker: WorkerProcess,
    chat_server: WebProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """Its edit of what it has read is refused with the new text, and it edits that."""
    cell = add_cell(owner, notebook, "total = 1\nprint(total)")

    def edit(version: int) -> Any:
        edit = {"cell_id": str(cell.id), "version": version, "find": "print(total)", "replace": "total"}
        return calls(("edit_cell", edit))

    def meanwhile(_: Json) -> Any:
        write(editor, cell, "total = 2\nprint(total)")
        return edit(0)

    api.script(calls(("read_cell", {"cell_id": str(cell.id)})), meanwhile, edit(1), says("Done."))
    with verified_replay(owner, notebook), NotebookSocket(chat_server, notebook.id, editor) as socket:
        socket.open()
        turn = ask(owner, notebook, "No print")
        assert told_of_edit(socket, cell) == ("user", 1)
        tools = [told_of_tool(socket) for _ in range(3)]
        assert told_of_edit(socket, cell) == ("assistant", 2)
        assert told_of_end(socket, turn) == "done"
    wait_for_turn(turn, "done")
    assert [tool["is_error"] for tool in tools] == [False, True, False]
    for refusal in (tools[1]["result"], told_to_model(api.requests[2])):
        assert editor.actor.label in refusal
        assert "total = 2" in refusal
    assert [each.source for each in cells_of(notebook)] == ["total = 2\ntotal"]


def test_a_person_deletes_a_cell_that_the_assistant_s_plan_needs(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    chat_server: WebProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """Its run goes on without the cell, and says so; the rest of the notebook is as it was."""
    first = add_cell(owner, notebook, f"{GATED}first = 1")
    needed = add_cell(owner, notebook, "needed = first + 1")
    last = add_cell(owner, notebook, "print(needed)")
    api.script(calls(("run_cell", {"cell_id": str(last.id)})), says("It is gone."))
    with verified_replay(owner, notebook), NotebookSocket(chat_server, notebook.id, editor) as socket:
        socket.open()
        turn = ask(owner, notebook, "Run the last")
        socket.cell_status(cell_id=str(first.id), status="running")
        delete_cell(actor=editor.actor, notebook_id=notebook.id, cell_id=needed.id)
        assert socket.event("cell_deleted", cell_id=str(needed.id))
        turns = CellRun.objects.filter(cell=needed)
        wait_until(lambda: turns.get().status == "cancelled", "the turn of the deleted cell is withdrawn")
        open_gate(notebook)
        assert socket.cell_status(cell_id=str(last.id), status="error")
        tool = told_of_tool(socket)
        assert told_of_end(socket, turn) == "done"
    wait_for_turn(turn, "done")
    for result in (tool["result"], told_to_model(api.requests[1])):
        assert "Somebody has deleted this cell meanwhile" in result
        assert "NameError" in result
    assert wait_for_status(first, CellStatus.OK)
    assert [each.id for each in cells_of(notebook)] == [first.id, last.id]


def test_two_turns_and_a_person_edit_one_cell_at_the_same_time(
    worker: WorkerProcess,
    turns_worker: WorkerProcess,
    chat_server: WebProcess,
    api: MessagesApi,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """Each turn finds that the person was there since it has read the cell, and adds its line to what there is now."""
    cell = add_cell(owner, notebook, "lines = []\n")

    def added(name: str) -> str:
        return f"{cell.source}lines.append('{name}')\n"

    def update(name: str) -> Any:
        change = {"cell_id": str(cell.id), "version": cell.version, "source": added(name)}
        return calls(("update_cell", change))

    def at_the_same_time(name: str) -> Any:
        def reply(_: Json) -> Any:
            cell.refresh_from_db()
            on_what_it_read = update(name)
            write(editor, cell, added(f"a person, during {name}"))
            return on_what_it_read

        return reply

    def again(name: str) -> Any:
        def reply(request: Json) -> Any:
            refusal = told_to_model(request)
            assert editor.actor.label in refusal
            assert f"a person, during {name}" in refusal
            cell.refresh_from_db()
            return update(name)

        return reply

    for name in ("first", "second"):
        api.script(
            calls(("read_cell", {"cell_id": str(cell.id)})),
            at_the_same_time(name),
            again(name),
            calls(("run_cell", {"cell_id": str(cell.id)})),
            says(f"The {name} is done."),
            of=f"The {name} turn",
        )
    with verified_replay(owner, notebook), NotebookSocket(chat_server, notebook.id, editor) as socket:
        socket.open()
        turns = [ask(owner, notebook, "The first turn"), ask(editor, notebook, "The second turn")]
        edits = [told_of_edit(socket, cell) for _ in range(4)]
        tools = [told_of_tool(socket) for _ in range(8)]
        for turn in turns:
            assert told_of_end(socket, turn) == "done"
    for turn in turns:
        wait_for_turn(turn, "done")
        assert [call.is_error for call in tools_of_turn(turn)] == [False, True, False, False]
    assert edits == [("user", 1), ("assistant", 2), ("user", 3), ("assistant", 4)]
    assert [tool["is_error"] for tool in tools] == [False, True, False, False] * 2
    assert editor.actor.label in tools[1]["result"]
    (merged,) = cells_of(notebook)
    lines = ["a person, during first", "first", "a person, during second", "second"]
    assert merged.source == "lines = []\n" + "".join(f"lines.append('{line}')\n" for line in lines)
    assert CellEdit.objects.filter(cell=cell).count() == 4
    assert wait_for_status(cell, CellStatus.OK)
    assert CellRun.objects.filter(cell=cell).count() == 2
