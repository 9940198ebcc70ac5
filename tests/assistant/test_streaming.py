"""What people see while a turn goes on: over sockets, and as server-sent events."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx2

from apps.assistant.commands import decide_tool_call, send_message
from apps.assistant.models import Turn
from apps.assistant.redaction import REDACTED
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import START, Gate, Status, body, calls, ends, says, text_block
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.socket import Frame, NotebookSocket
from tests.support.turns import wait_for_turn

CREATE = ("create_cell", {"kind": "python", "source": "x = 1", "after": "end"})


class Panel:
    """What a page shows of a turn: the turn as it was read, and the frames since."""

    def __init__(self, turn: dict[str, Any]) -> None:
        self.turn = turn

    def take(self, frame: Frame) -> None:
        """As docs/protocol.md says; the frame is the next one."""
        if frame["offset"] < self.turn["offset"]:
            return
        assert frame["offset"] == self.turn["offset"]
        self.turn["offset"] += 1
        blocks, event = self.turn["blocks"], frame["event"]
        match event["type"]:
            case "text_delta" | "thinking_delta" as kind:
                if event["block"] == len(blocks):
                    blocks.append({"type": kind.removesuffix("_delta"), "text": ""})
                blocks[event["block"]]["text"] += event["text"]
            case "tool_start" | "tool_result" | "approval_needed":
                blocks[event["block"] : event["block"] + 1] = [event["tool"]]
            case "note":
                blocks[event["block"] : event["block"] + 1] = [{"type": "notice", "text": event["text"]}]
            case "rewind":
                del blocks[event["blocks"] :]
            case "notice":
                self.turn["notice"] = event["text"]
            case "usage":
                self.turn["usage"] = event["usage"]
            case "error":
                self.turn["error"] = event["error"]
            case "done":
                self.turn["status"] = event["status"]
            case unknown:
                raise AssertionError(f"docs/protocol.md knows no {unknown!r}")


def test_frames_make_the_turn(
    chat_server: WebProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """A page that was there from the beginning has what a page that comes at the end reads."""
    api.script(calls(CREATE, CREATE, text="Two cells."), says("They ", "are ", "there."))
    with NotebookSocket(chat_server, notebook.id, owner) as socket:
        socket.open()
        panel = Panel(socket.result("chat_send", message="Two cells, please.")["turn"])
        watch(socket, panel)
        again = socket.result("chat_turn", turn_id=panel.turn["id"])["turn"]
    timeless = ("started_at", "finished_at")
    assert {**panel.turn, **dict.fromkeys(timeless)} == {**again, **dict.fromkeys(timeless)}
    assert [block["type"] for block in again["blocks"]] == ["text", "tool", "tool", "text"]
    assert again["blocks"][-1]["text"] == "They are there."


def test_a_page_that_opens_in_the_middle_sees_all_and_goes_on(
    chat_server: WebProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    gate = Gate()
    first, second = text_block("I think, ", "therefore "), text_block("I am.")
    api.script([START, *body([first[:3]]), gate, *body([first, second])[3:], *ends("end_turn")])
    with NotebookSocket(chat_server, notebook.id, owner) as early:
        early.open()
        sent = early.result("chat_send", message="Who are you?")["turn"]
        early.wait_for(lambda frame: frame["type"] == "chat" and "therefore" in json.dumps(frame))
        with NotebookSocket(chat_server, notebook.id, owner) as late:
            late.open()
            panel = Panel(shown_up_to(late, sent["id"], "therefore "))
            gate.open()
            watch(late, panel)
    turn = wait_for_turn(Turn.objects.get(id=sent["id"]), "done")
    assert "".join(block["text"] for block in panel.turn["blocks"]) == "I think, therefore I am."
    assert panel.turn["offset"] == turn.offset


def test_of_a_secret_no_piece_is_shown(
    chat_server: WebProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    gate = Gate()
    block = text_block("The key is sk-ant-", "api03-" + "x1" * 8, "x1" * 16, " as you know.")
    api.script([START, *body([block[:3]]), gate, *body([block])[3:], *ends("end_turn")])
    frames = []
    with NotebookSocket(chat_server, notebook.id, owner) as socket:
        socket.open()
        panel = Panel(socket.result("chat_send", message="Which key?")["turn"])
        gate.wait_until_reached()
        begun = shown_up_to(socket, panel.turn["id"], "is ")
        gate.open()
        while panel.turn["status"] != "done":
            frames.append(socket.wait_for(lambda frame: frame["type"] == "chat"))
            panel.take(frames[-1])
    assert [block["text"] for block in begun["blocks"]] == ["The key is "]
    assert [block["text"] for block in panel.turn["blocks"]] == [f"The key is {REDACTED} as you know."]
    assert "sk-ant" not in json.dumps(frames)


def test_server_sent_events(
    chat_server: WebProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script(calls(CREATE, text="A cell."), says("There ", "it is."))
    url = f"{chat_server.url}/api/v1/notebooks/{notebook.id}/chat/"
    headers = {**owner.bearer, "Accept": "text/event-stream"}
    with httpx2.stream("POST", url, headers=headers, json={"message": "A cell"}, timeout=30) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        events = list(events_in(response))
    names = [name for name, _ in events]
    assert names[0] == "turn"
    assert names[-1] == "done"
    assert {"text_delta", "tool_start", "tool_result", "usage"} <= set(names)
    panel = Panel(events[0][1]["turn"])
    for name, data in events[1:]:
        panel.take({"offset": data["offset"], "event": {"type": name, **data}})
    assert panel.turn["status"] == "done"
    assert [block["type"] for block in panel.turn["blocks"]] == ["text", "tool", "text"]


def test_server_sent_events_of_a_turn_that_waits_and_fails(
    chat_server: WebProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """A decision that is needed is told in the stream, which goes on when it was made, and so is what went wrong."""
    question = {"question": "Which?", "options": ["A", "B"]}
    gate = Gate()
    api.script(
        [gate, *calls(("ask_user", question))], [Status(401, "authentication_error", "invalid x-api-key")]
    )
    url = f"{chat_server.url}/api/v1/notebooks/{notebook.id}/chat/"
    headers = {**owner.bearer, "Accept": "text/event-stream"}
    events = []
    with httpx2.stream("POST", url, headers=headers, json={"message": "Choose"}, timeout=60) as response:
        for name, data in events_in(response):
            events.append((name, data))
            gate.open()  # once somebody listens
            if name == "approval_needed":
                decide_tool_call(
                    actor=owner.actor,
                    notebook_id=notebook.id,
                    tool_call_id=UUID(data["tool"]["id"]),
                    decision="answered",
                    answer="B",
                )
    names = [name for name, _ in events]
    assert [data["tool"]["preview"] for name, data in events if name == "approval_needed"] == [question]
    assert names[-2:] == ["error", "done"]
    assert events[-2][1]["error"]["message"]
    assert events[-1][1]["status"] == "failed"
    offsets = [data["offset"] for name, data in events if name != "turn"]
    assert offsets == sorted(set(offsets))


def test_a_stream_of_a_turn_that_has_ended_says_so(
    chat_server: WebProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script(says("Yes."))
    turn = send_message(actor=owner.actor, notebook_id=notebook.id, message="Yes?")
    wait_for_turn(turn, "done")
    url = f"{chat_server.url}/api/v1/notebooks/{notebook.id}/turns/{turn.id}/"
    with httpx2.stream(
        "GET", url, headers={**owner.bearer, "Accept": "text/event-stream"}, timeout=30
    ) as response:
        events = list(events_in(response))
    assert [name for name, _ in events][-1] == "done"
    assert events[0][1]["turn"]["blocks"] == [{"type": "text", "text": "Yes."}]


def test_over_a_socket(
    chat_server: WebProcess, turns_worker: WorkerProcess, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    gate = Gate()
    api.script(calls(("ask_user", {"question": "Which?", "options": ["A", "B"]})), says("B, then."), [gate])
    with NotebookSocket(chat_server, notebook.id, owner) as socket:
        socket.open()
        assert socket.result("chat_state")["is_available"]
        sent = socket.result("chat_send", message="Choose.", mode="ask")
        assert sent["conversation"]["mode"] == "ask"
        socket.event("conversation_created")
        socket.event("turn_created")
        turn_id = sent["turn"]["id"]
        waiting = socket.wait_for(lambda frame: "approval_needed" in str(frame))
        tool = waiting["event"]["tool"]
        assert tool["preview"] == {"question": "Which?", "options": ["A", "B"]}
        socket.result("chat_decide", tool_call_id=tool["id"], decision="answered", answer="B")
        socket.wait_for(lambda frame: frame["type"] == "chat" and frame["event"]["type"] == "done")
        assert socket.result("chat_turn", turn_id=turn_id)["turn"]["status"] == "done"
        assert len(socket.result("chat_record", turn_id=turn_id)["calls"]) == 2
        (found,) = socket.result("chat_conversations", search="choose")["conversations"]
        shown = socket.result("chat_conversation", conversation_id=found["id"])
        assert [turn["id"] for turn in shown["turns"]] == [turn_id]
        changed = socket.result("chat_configure", conversation_id=found["id"], title="A or B")
        assert changed["conversation"]["title"] == "A or B"
        more = socket.result("chat_send", message="More.", conversation_id=found["id"])["turn"]
        gate.wait_until_reached()
        socket.result("chat_cancel", turn_id=more["id"])
        socket.wait_for(lambda frame: frame["type"] == "chat" and frame["event"].get("status") == "cancelled")
        reply = socket.call("chat_decide", tool_call_id=tool["id"], decision="answered", answer="A")
        assert reply["error"]["code"] == "conflict"
        reply = socket.call("chat_retry", turn_id=turn_id)
        assert reply["error"]["code"] == "conflict"


def watch(socket: NotebookSocket, panel: Panel) -> None:
    """Until the turn has ended."""
    turn_id = panel.turn["id"]
    while panel.turn["status"] not in ("done", "failed", "cancelled"):
        panel.take(socket.wait_for(lambda frame: frame["type"] == "chat" and frame["turn_id"] == turn_id))


def shown_up_to(socket: NotebookSocket, turn_id: str, text: str) -> dict[str, Any]:
    """The turn, read as often as a page that has seen a frame which the row does not have yet."""
    while True:
        turn: dict[str, Any] = socket.result("chat_turn", turn_id=turn_id)["turn"]
        if turn["blocks"] and turn["blocks"][-1]["text"].endswith(text):
            return turn


def events_in(response: httpx2.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
