"""Whatever the API does, a turn ends in a right state, with a message that a person understands.

Each case is a script of replies; what is expected is the status of the turn, the code of its error, what was said and
noted, and how many calls of the model it took.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from apps.assistant.commands import retry_turn
from apps.assistant.models import ModelCall, Turn
from apps.journal.models import AuditEntry
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    START,
    Act,
    Event,
    Gate,
    Json,
    Raw,
    Status,
    Tear,
    body,
    calls,
    ends,
    message,
    recorded,
    says,
    text_block,
    thinking_block,
    tool_block,
)
from tests.support.running import cells_of
from tests.support.turns import ask, go_on, notes_in, result_text, said_by, tool_results, tools_of_turn

CREATE: Json = {"kind": "python", "source": "x = 1", "after": "end"}
READ: tuple[str, Json] = ("get_notebook_state", {})
DONE = says("Done.")


@dataclass
class Case:
    """`replies`, and what comes of them."""

    name: str
    replies: Sequence[list[Act]]
    status: str = "done"
    code: str | None = None
    said: str | None = None
    noted: str | None = None
    message: str = ""
    calls: int | None = None
    cells: int = 0
    statuses: list[str] = field(default_factory=list)


def error_event(kind: str) -> Event:
    return Event({"type": "error", "error": {"type": kind, "message": f"It is a {kind}."}})


def cut_text(text: str) -> list[Act]:
    """The beginning of a reply."""
    return [START, *body([text_block(text)[:2]])]


def unfinished_tool(value: str) -> list[Json]:
    """A block that is never ended."""
    return tool_block("create_cell", value)[:-1]


STRANGE_BLOCK: list[Json] = [
    {"type": "content_block_start", "content_block": {"type": "hologram", "shape": "cube"}},
    {"type": "content_block_delta", "delta": {"type": "hologram_delta", "light": 1}},
    {"type": "content_block_stop"},
]
OVERLOADED = Status(529, "overloaded_error", "Overloaded")
LIMITED = Status(429, "rate_limit_error", "Too many requests", {"retry-after": "0.01"})

CASES = [
    # What passes is tried again.
    Case("overloaded once", [[OVERLOADED], DONE], said="Done.", calls=2, statuses=["torn", "ok"]),
    Case("rate limit with retry-after", [[LIMITED], DONE], said="Done.", calls=2),
    Case(
        "rate limit until a date",
        [[Status(429, "rate_limit_error", "x", {"retry-after": "Sat, 01 Jan 2000 00:00:00 GMT"})], DONE],
        calls=2,
    ),
    Case(
        "retry-after that is nonsense",
        [[Status(429, "rate_limit_error", "x", {"retry-after": "soon"})], DONE],
        calls=2,
    ),
    Case("server error", [[Status(500, "api_error", "Oh")], DONE], calls=2),
    Case("gateway without JSON", [[Status(502, "x", "<html>")], DONE], calls=2),
    Case("timeout of the API", [[Status(504, "timeout_error", "Slow")], DONE], calls=2),
    Case("conflict", [[Status(409, "x", "again")], DONE], calls=2),
    Case(
        "overloaded in the middle",
        [[*cut_text("Half"), error_event("overloaded_error")], says("Whole.")],
        said="Whole.",
        calls=2,
    ),
    Case(
        "rate limit in the middle",
        [[*cut_text("Half"), error_event("rate_limit_error")], says("Whole.")],
        said="Whole.",
        calls=2,
    ),
    Case("torn before the head", [[Tear()], DONE], said="Done.", calls=2),
    Case("torn in the text", [[*cut_text("Half"), Tear()], says("Whole.")], said="Whole.", calls=2),
    Case(
        "torn in the input of a tool",
        [[START, *body([unfinished_tool('{"kind": "py')]), Tear()], DONE],
        calls=2,
        cells=0,
    ),
    Case(
        "ends without message_stop",
        [[START, *body([text_block("All but the end.")])], says("Whole.")],
        said="Whole.",
        calls=2,
    ),
    Case("a tool, and no message_stop", [calls(("create_cell", CREATE))[:-1], DONE], calls=2, cells=0),
    Case("an empty stream", [[Raw(b"\n")], DONE], calls=2),
    Case(
        "events that are no JSON", [[START, Raw(b"event: message_delta\ndata: {nonsense\n\n")], DONE], calls=2
    ),
    Case("events that are no objects", [[START, Raw(b"event: message_delta\ndata: 7\n\n")], DONE], calls=2),
    Case(
        "a part without a block",
        [
            [
                START,
                Event(
                    {"type": "content_block_delta", "index": 4, "delta": {"type": "text_delta", "text": "?"}}
                ),
            ],
            DONE,
        ],
        calls=2,
    ),
    Case("two messages in one", [[START, START], DONE], calls=2),
    Case(
        "a block that is no object",
        [[START, Event({"type": "content_block_start", "index": 0, "content_block": None})], DONE],
        calls=2,
    ),
    # What does not pass is said, and not tried again.
    Case("overloaded for long", [[OVERLOADED]] * 6, "failed", "overloaded", message="overloaded", calls=6),
    Case(
        "must not be retried",
        [[Status(500, "api_error", "x", {"x-should-retry": "false"})]],
        "failed",
        "api_failed",
        calls=1,
    ),
    Case(
        "bad key",
        [[Status(401, "authentication_error", "invalid x-api-key")]],
        "failed",
        "key_refused",
        message="ANTHROPIC_API_KEY",
        calls=1,
    ),
    Case("forbidden", [[Status(403, "permission_error", "no")]], "failed", "key_refused", calls=1),
    Case(
        "no credit",
        [[Status(400, "invalid_request_error", "Your credit balance is too low to access the API.")]],
        "failed",
        "no_credit",
        calls=1,
    ),
    Case(
        "no such model",
        [[Status(404, "not_found_error", "model: x")]],
        "failed",
        "no_such_model",
        message="Choose another",
        calls=1,
    ),
    Case(
        "refused as malformed",
        [[Status(400, "invalid_request_error", "messages: odd")]],
        "failed",
        "request_refused",
        message="odd",
        calls=1,
    ),
    Case(
        "invalid key in the middle",
        [[*cut_text("Half"), error_event("authentication_error")]],
        "failed",
        "key_refused",
        said="",
        calls=1,
    ),
    # How replies end.
    Case(
        "max_tokens in text",
        [says("This is lo", stop_reason="max_tokens")],
        said="This is lo",
        noted="cut off",
        calls=1,
    ),
    Case(
        "max_tokens in the input of a tool",
        [
            [
                START,
                *body([text_block("I write."), unfinished_tool(json.dumps(CREATE))]),
                *ends("max_tokens"),
            ],
            says("Shorter."),
        ],
        said="I write.Shorter.",
        noted="was not made",
        calls=2,
        cells=0,
    ),
    Case(
        "max_tokens after the input of a tool",
        [message([tool_block("create_cell", CREATE)], "max_tokens"), DONE],
        noted="was not made",
        calls=2,
        cells=0,
    ),
    Case(
        "max_tokens in thought", [message([thinking_block("Hm")], "max_tokens"), DONE], said="Done.", calls=2
    ),
    Case(
        "max_tokens again and again",
        [message([tool_block("create_cell", CREATE)], "max_tokens")] * 3,
        "failed",
        "no_answer",
        calls=3,
        cells=0,
    ),
    Case(
        "refusal",
        [message([text_block("I")], "refusal", stop_details={"type": "refusal", "explanation": "Not this."})],
        "failed",
        "refused",
        said="",
        message="Not this.",
        calls=1,
        statuses=["refused"],
    ),
    Case(
        "refusal after a tool block",
        [message([tool_block("create_cell", CREATE)], "refusal")],
        "failed",
        "refused",
        calls=1,
        cells=0,
    ),
    Case("pause", [says("Wait. ", stop_reason="pause_turn"), DONE], said="Wait. Done.", calls=2),
    Case("pauses without end", [says("Wait.", stop_reason="pause_turn")] * 3, "failed", "no_answer", calls=3),
    Case("stop sequence", [says("So.", stop_reason="stop_sequence")], said="So."),
    Case("unknown stop reason", [says("So.", stop_reason="bored")], said="So.", noted="bored"),
    Case(
        "a tool, and an unknown stop reason",
        [message([tool_block("create_cell", CREATE)], "bored")],
        noted="bored",
        cells=0,
    ),
    Case(
        "a tool, and the end of the turn",
        [message([text_block("So."), tool_block("create_cell", CREATE)], "end_turn")],
        said="So.",
        noted="was not made",
        cells=0,
    ),
    Case("no stop reason", [says("So.", stop_reason=None), DONE], said="Done.", calls=2),
    Case("to use a tool, and none", [says("So.", stop_reason="tool_use")], said="So.", noted="named none"),
    Case("nothing said", [message([], "end_turn")], noted="nothing to say"),
    Case("only a thought", [message([thinking_block("Hm")], "end_turn")], noted="nothing to say"),
    Case(
        "an unknown event",
        [[START, Event({"type": "weather", "is": "fine"}), *DONE[1:]]],
        said="Done.",
        calls=1,
    ),
    Case("an unknown block", [message([STRANGE_BLOCK, text_block("So.")], "end_turn")], said="So."),
    Case("a ping first", [[Event({"type": "ping"}), *DONE]], said="Done.", calls=1),
    # What was recorded.
    Case("recorded: basic", [recorded("basic_response.txt")], said="Hello there!"),
    Case("recorded: compaction", [recorded("compaction_response.txt")], said="Hello there!"),
    Case("recorded: fallback credit", [recorded("fallback_credit_response.txt")], said="Hello there!"),
    Case("recorded: fallback", [recorded("fallback_response.txt")], said="Hello there!"),
    Case("recorded: long fallback", [recorded("stream-b-fallback.sse")]),
    Case(
        "recorded: cut input",
        [recorded("incomplete_partial_json_response.txt"), DONE],
        noted="was not made",
        calls=2,
        cells=0,
    ),
    Case("recorded: refusal", [recorded("refusal_response.txt")], "failed", "refused", message="policy"),
    Case("recorded: refusal in text", [recorded("stream-a-refusal.sse")], "failed", "refused", said=""),
    Case(
        "recorded: refusal after tools", [recorded("stream-a-toolrefusal.sse")], "failed", "refused", said=""
    ),
    Case("recorded: an unknown tool", [recorded("tool_use_response.txt"), DONE], calls=2),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_whatever_the_api_does(api: MessagesApi, owner: Person, notebook: Notebook, case: Case) -> None:
    api.script(*case.replies)
    turn = ask(owner, notebook)
    error = turn.error or {}
    assert (turn.status, error.get("code")) == (case.status, case.code), error
    assert case.message in error.get("message", "")
    if case.said is not None:
        assert said_by(turn) == case.said
    if case.noted is not None:
        assert case.noted in " ".join(notes_in(turn))
    made = ModelCall.objects.filter(turn=turn)
    if case.calls is not None:
        assert made.count() == case.calls
    if case.statuses:
        assert [call.status for call in made] == case.statuses
    assert len(cells_of(notebook)) == case.cells
    check_audit(turn)
    check_conversation_goes_on(api, owner, turn)


def check_audit(turn: Turn) -> None:
    """The log says who asked, each call of a tool and what it did, and how the turn ended; and nothing else."""
    entries = AuditEntry.objects.filter(notebook_id=turn.notebook_id).exclude(action="create_notebook")
    (asked, *between, ended) = entries.order_by("id")
    assert (asked.action, asked.actor_kind, asked.actor_id) == ("ask_assistant", "user", turn.asked_by_id)
    assert asked.details == {"turn_id": str(turn.id), "mode": turn.mode, "model": turn.model}
    code = {"error": turn.error["code"]} if turn.error else {}
    assert (ended.action, ended.details) == (
        "end_turn",
        {"turn_id": str(turn.id), "status": turn.status, **code},
    )
    tools = tools_of_turn(turn)
    called = [entry.details for entry in between if entry.action == "call_tool"]
    assert [(each["tool_call_id"], each["tool"], each["is_error"]) for each in called] == [
        (str(tool.id), tool.name, tool.is_error) for tool in tools if tool.status == "done"
    ]
    made = [entry for entry in between if entry.action == "create_cell"]
    assert len(made) == len(cells_of(turn.notebook))
    assert len(between) == len(called) + len(made)
    assert {entry.actor_kind for entry in (*between, ended)} == {"assistant"}


def check_conversation_goes_on(api: MessagesApi, owner: Person, turn: Turn) -> None:
    """The API takes what is left of it."""
    api.rules.allows_changed_prefix = turn.is_left_out
    api.script(says("I am back."))
    notebook = turn.notebook
    after = ask(owner, notebook, "And now?", conversation_id=turn.conversation_id)
    assert after.status == "done", after.error
    assert said_by(after) == "I am back."


@dataclass
class Input:
    """What a model sends as the input of create_cell, and what it is told."""

    name: str
    value: Json | str
    told: str


INPUTS = [
    Input("no JSON", '{"kind": "python"', "not valid JSON"),
    Input("no object", "[1, 2]", "must be a JSON object"),
    Input("two megabytes", {**CREATE, "source": "x" * 2_000_000}, "at most"),
    Input("too deep", "[" * 100_000 + "]" * 100_000, "JSON"),
    Input("a missing field", {"kind": "python"}, "source"),
    Input("an unknown field", {**CREATE, "colour": "red"}, "colour"),
    Input("a wrong type", {**CREATE, "source": 7}, "source"),
    Input("no input", "", "source"),
    Input("not a number", '{"kind": "python", "source": NaN, "after": "end"}', "source"),
]


@pytest.mark.parametrize("case", INPUTS, ids=lambda case: case.name.replace(" ", "-"))
def test_bad_input_is_told_to_the_model(
    api: MessagesApi, owner: Person, notebook: Notebook, case: Input
) -> None:
    api.script(message([tool_block("create_cell", case.value)], "tool_use"), DONE)
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    (call,) = tools_of_turn(turn)
    assert call.is_error
    assert case.told in result_text(call)
    assert not cells_of(notebook)
    (sent,) = tool_results(api.requests[1])
    assert sent["is_error"]


def test_text_that_cannot_be_stored_is_mended(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    value = '{"kind": "python", "source": "a = \\"\\u0000\\ud800\\"", "after": "end"}'
    api.script(
        message([text_block("NUL \x00 and \ud800."), tool_block("create_cell", value)], "tool_use"), DONE
    )
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    (cell,) = cells_of(notebook)
    assert cell.source == 'a = "\ufffd\ufffd"'
    assert said_by(turn).startswith("NUL \ufffd and \ufffd.")


@pytest.mark.parametrize("ids", [("same", "same"), ("", "b"), ("with space", "ü")], ids=str)
def test_ids_that_cannot_be_sent_back(
    api: MessagesApi, owner: Person, notebook: Notebook, ids: tuple[str, str]
) -> None:
    def block(id: str) -> list[Json]:
        made = tool_block("create_cell", CREATE)
        made[0]["content_block"]["id"] = id
        return made

    api.script(message([block(ids[0]), block(ids[1])], "tool_use"), DONE)
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    assert len(cells_of(notebook)) == 2
    assert len({call.tool_use_id for call in tools_of_turn(turn)}) == 2


def test_an_id_of_an_earlier_step(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    block = tool_block("create_cell", CREATE, "toolu_again")
    api.script(message([block], "tool_use"), message([block], "tool_use"), DONE)
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    assert len(cells_of(notebook)) == 2


def test_a_tool_that_is_not_there(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(message([tool_block("rm_rf", {}), tool_block("", {})], "tool_use"), DONE)
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    unknown, unnamed = tools_of_turn(turn)
    assert "There is no tool 'rm_rf' here. There are: get_notebook_state" in result_text(unknown)
    assert "no name" in result_text(unnamed)


def test_ten_tools_at_once_all_happen_in_order(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    wanted = [("create_cell", {**CREATE, "source": f"x = {number}"}) for number in range(10)]
    api.script(calls(*wanted), DONE)
    turn = ask(owner, notebook)
    assert [cell.source for cell in cells_of(notebook)] == [value["source"] for _, value in wanted]
    assert [call.status for call in tools_of_turn(turn)] == ["done"] * 10
    assert len(tool_results(api.requests[1])) == 10


def test_thinking_goes_back_as_it_came(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    """The fake API checks the signature."""
    api.script(message([thinking_block("Let me see."), tool_block(*READ)], "tool_use"), DONE)
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    (thought, _tool) = api.requests[1]["messages"][1]["content"]
    assert thought == {"type": "thinking", "thinking": "Let me see.", "signature": "signed:Let me see."}


def test_thinking_stays_away_from_another_model(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(message([thinking_block("Hm."), text_block("One.")], "end_turn"))
    turn = ask(owner, notebook)
    api.script(says("Two."))
    ask(owner, notebook, "More", conversation_id=turn.conversation_id, mode="ask")
    kinds = [block["type"] for said in api.requests[1]["messages"] for block in said["content"]]
    assert "thinking" not in kinds


def test_thinking_that_is_refused_is_left_out(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    bound = Status(
        400, "invalid_request_error", "messages.1: `thinking` blocks are bound to a different conversation"
    )
    api.script(message([thinking_block("Hm."), tool_block(*READ)], "tool_use"), [bound], DONE)
    api.rules.allows_changed_prefix = True
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    assert [block["type"] for block in api.requests[2]["messages"][1]["content"]] == ["tool_use"]


TOO_LONG = Status(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")


def test_a_conversation_that_is_too_long_loses_old_results(
    api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script(*[calls(READ)] * 5, [TOO_LONG], DONE)
    api.rules.allows_changed_prefix = True
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    results = [
        block["content"][0]["text"]
        for said in api.requests[-1]["messages"]
        for block in said["content"]
        if block["type"] == "tool_result"
    ]
    assert ["left out" in text for text in results] == [True, True, False, False, False]
    assert "left out" in " ".join(notes_in(turn))


def test_room_is_made_before_the_api_refuses(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    full = message([tool_block(*READ)], "tool_use")
    full[-2] = Event({**full[-2].event, "usage": {"output_tokens": 5, "input_tokens": 180_000}})  # type: ignore[attr-defined]
    api.script(*[calls(READ)] * 4, full, DONE)
    api.rules.allows_changed_prefix = True
    turn = ask(owner, notebook)
    assert turn.status == "done", turn.error
    assert "left out" in json.dumps(api.requests[-1])


def test_a_full_context_in_the_middle_of_a_reply(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(calls(READ), says("And so", stop_reason="model_context_window_exceeded"), DONE)
    api.rules.allows_changed_prefix = True
    turn = ask(owner, notebook)
    assert (turn.status, said_by(turn)) == ("done", "Done.")


def test_a_conversation_that_stays_too_long_ends(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(*[[TOO_LONG]] * 4)
    api.rules.allows_changed_prefix = True
    turn = ask(owner, notebook)
    assert turn.status == "failed"
    assert turn.error
    assert turn.error["code"] == "too_long"
    assert "Start a new one" in turn.error["message"]


def test_what_was_refused_is_left_out(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(says("First."), message([], "refusal"), says("Third."))
    first = ask(owner, notebook, "A question")
    refused = ask(owner, notebook, "Something bad", conversation_id=first.conversation_id)
    assert refused.is_left_out
    api.rules.allows_changed_prefix = True
    ask(owner, notebook, "Another question", conversation_id=first.conversation_id)
    assert "Something bad" not in json.dumps(api.requests[2])


def test_a_failed_turn_goes_on_where_it_stopped(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(calls(("create_cell", CREATE)), [Status(401, "authentication_error", "no")], DONE)
    turn = ask(owner, notebook)
    assert turn.status == "failed"
    retry_turn(actor=owner.actor, notebook_id=notebook.id, turn_id=turn.id)
    go_on(turn)
    assert (turn.status, turn.error, said_by(turn)) == ("done", None, "Done.")
    assert len(cells_of(notebook)) == 1


def test_an_api_that_says_nothing_of_the_model(api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    """Then nothing is assumed of it."""
    api.capabilities = None
    api.script(DONE)
    assert ask(owner, notebook).status == "done"
    assert "thinking" not in api.requests[0]


@pytest.mark.parametrize(
    "thinking",
    [
        {"supported": False, "types": {}},
        # Only in a way that is not asked of it.
        {"supported": True, "types": {"adaptive": {"supported": False}, "enabled": {"supported": True}}},
    ],
    ids=["not at all", "otherwise"],
)
def test_a_model_that_does_not_think(
    api: MessagesApi, owner: Person, notebook: Notebook, thinking: Json
) -> None:
    """It is not asked to, in no step."""
    api.capabilities = {"image_input": {"supported": True}, "thinking": thinking}
    api.script(calls(READ), DONE)
    assert ask(owner, notebook).status == "done"
    assert len(api.requests) == 2
    assert not [request for request in api.requests if "thinking" in request]


def test_nobody_at_the_address(settings: Any, api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    settings.ANTHROPIC_BASE_URL = "http://127.0.0.1:9"
    turn = ask(owner, notebook)
    assert turn.status == "failed"
    assert turn.error
    assert (
        turn.error["message"] == "The connection to the model broke off. It was tried 6 times: retry later."
    )


def test_an_api_that_falls_silent(settings: Any, api: MessagesApi, owner: Person, notebook: Notebook) -> None:

    settings.ASSISTANT_READ_TIMEOUT_S = 1
    settings.ANTHROPIC_API_KEY = "another-client"
    api.script([*cut_text("Half"), Gate()], says("Whole."))
    turn = ask(owner, notebook)
    assert (turn.status, said_by(turn)) == ("done", "Whole.")
    assert [call.status for call in ModelCall.objects.filter(turn=turn)] == ["torn", "ok"]
