"""The REST calls of the assistant: each does what its command or query does."""

from typing import Any

from apps.api import chat_shapes as shapes
from apps.assistant.models import Turn
from apps.notebooks.models import Notebook
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, says
from tests.support.turns import ask, go_on, tools_of_turn


def test_over_rest(
    api: MessagesApi, owner: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    caller, base = Caller(owner), f"notebooks/{notebook.id}/"
    state = caller.get(f"{base}chat/").shaped(shapes.AssistantState)
    assert state["is_available"]
    api.script(says("Hello."))
    sent = caller.post(f"{base}chat/", {"message": "Hi"}).shaped(shapes.QueuedTurn, 202)
    turn = go_on(Turn.objects.get(id=sent["turn"]["id"]))
    read = caller.get(f"{base}turns/{turn.id}/").shaped(shapes.Turn)
    assert (read["status"], read["blocks"]) == ("done", [{"type": "text", "text": "Hello."}])
    (call,) = caller.get(f"{base}turns/{turn.id}/record/").shaped(shapes.TurnRecord)["calls"]
    assert call["request"]["messages"][0]["content"][0]["text"] == "Hi"
    found = caller.get(f"{base}conversations/", search="hello").shaped(shapes.ConversationList)
    assert [each["id"] for each in found["conversations"]] == [str(turn.conversation_id)]
    path = f"{base}conversations/{turn.conversation_id}/"
    assert caller.patch(path, {"title": "Greeting"}).shaped(shapes.Conversation)["title"] == "Greeting"
    assert len(Caller(viewer).get(path).shaped(shapes.ConversationTurns)["turns"]) == 1
    Caller(stranger).get(path).refused(404, "not_found")
    Caller(viewer).patch(path, {"title": "Mine"}).refused(403, "forbidden")
    caller.post(f"{base}turns/{turn.id}/retry/", {}).refused(409, "conflict")
    assert caller.post(f"{base}turns/{turn.id}/cancel/", {}).shaped(shapes.Turn, 202)["status"] == "done"
    caller.post(f"{base}chat/", {"message": "Hi", "colour": "red"}).refused(400, "invalid")


def test_a_decision_over_rest(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "x")
    api.script(calls(("delete_cell", {"cell_id": str(cell.id), "version": 0})), says("Gone."))
    turn = ask(owner, notebook)
    (call,) = tools_of_turn(turn)
    path = f"notebooks/{notebook.id}/tool-calls/{call.id}/decision/"
    Caller(owner).post(path, {"decision": "perhaps"}).refused(400, "invalid")
    decided = Caller(owner).post(path, {"decision": "approved"}).shaped(shapes.Turn, 202)
    assert decided["status"] == "queued"
    assert go_on(turn).status == "done"


def test_without_a_key_over_rest(settings: Any, owner: Person, notebook: Notebook) -> None:
    settings.ANTHROPIC_API_KEY = settings.ANTHROPIC_BASE_URL = ""
    caller, path = Caller(owner), f"notebooks/{notebook.id}/chat/"
    assert "ANTHROPIC_API_KEY" in caller.get(path).shaped(shapes.AssistantState)["problem"]
    refused = caller.post(path, {"message": "Hi"}).refused(503, "unavailable")
    assert "ANTHROPIC_API_KEY" in refused["message"]
