"""A turn from the message to its end, and what is left of it: rows, the notebook, the audit log, what people see."""

from apps.assistant.models import ModelCall, Turn
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, says
from tests.support.running import cells_of
from tests.support.turns import ask, blocks_of, go_on, said_by, tool_results, tools_of_turn


def test_an_answer(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(says("Hello", " there", "!"))
    turn = ask(owner, notebook, "Hi")
    assert turn.status == "done"
    assert said_by(turn) == "Hello there!"
    (call,) = ModelCall.objects.filter(turn=turn)
    assert (call.status, call.stop_reason) == ("ok", "end_turn")
    assert call.cost_usd
    assert api.requests[0]["messages"][0]["content"][0]["text"] == "Hi"


def test_a_tool_and_what_follows(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(
        calls(("create_cell", {"kind": "python", "source": "x = 1", "after": "end"}), text="I add a cell."),
        says("Done."),
    )
    turn = ask(owner, notebook, "Add a cell")
    assert turn.status == "done", turn.error
    (cell,) = cells_of(notebook)
    assert cell.source == "x = 1"
    (tool,) = tools_of_turn(turn)
    assert (tool.status, tool.is_error, tool.name) == ("done", False, "create_cell")
    assert tool.first_seq
    assert [block["type"] for block in blocks_of(turn)] == ["text", "tool", "text"]
    (result,) = tool_results(api.requests[1])
    assert result["content"] == tool.result
    assert Turn.objects.get(id=turn.id).offset > 5


def test_a_worker_that_dies_after_the_last_reply(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    """It was stored, and the turn had not ended yet: nothing is asked again."""
    api.script(says("All said."))
    turn = ask(owner, notebook)
    Turn.objects.filter(id=turn.id).update(status="running", finished_at=None)
    go_on(turn)
    assert (turn.status, said_by(turn)) == ("done", "All said.")
    assert len(api.requests) == 1
