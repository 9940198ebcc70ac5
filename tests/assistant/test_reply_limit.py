"""What a turn keeps of a reply is bounded, however long the model speaks."""

import pytest

from apps.assistant import reply
from apps.assistant.models import ModelCall
from apps.assistant.reply import MAX_REPLY_CHARS, BrokenReply, Reply
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import says
from tests.support.turns import ask, blocks_of

PIECE = "x" * 2**18


@pytest.mark.parametrize(
    ("block", "delta"),
    [
        ({"type": "text", "text": ""}, {"type": "text_delta", "text": PIECE}),
        ({"type": "thinking", "thinking": ""}, {"type": "thinking_delta", "thinking": PIECE}),
        (
            {"type": "tool_use", "id": "toolu_1", "name": "create_cell", "input": {}},
            {"type": "input_json_delta", "partial_json": PIECE},
        ),
    ],
    ids=lambda event: event["type"],
)
def test_it_takes_no_more_of_a_reply(block: dict[str, object], delta: dict[str, object]) -> None:
    heard = Reply()
    heard.take({"type": "message_start", "message": {"id": "msg_1"}})
    heard.take({"type": "content_block_start", "index": 0, "content_block": block})
    # The block's own start counts, too.
    for _ in range(MAX_REPLY_CHARS // len(PIECE) - 1):
        heard.take({"type": "content_block_delta", "index": 0, "delta": delta})
    with pytest.raises(BrokenReply, match="longer than any reply"):
        heard.take({"type": "content_block_delta", "index": 0, "delta": delta})
    assert sum(len(part) for part in heard.blocks[0].parts) <= MAX_REPLY_CHARS


def test_a_reply_without_end_fails_the_turn(
    api: MessagesApi, owner: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again as one that broke off, and nothing of it stays."""
    monkeypatch.setattr(reply, "MAX_REPLY_CHARS", 1_000)
    api.always(lambda request: says(*["x" * 100] * 20))
    turn = ask(owner, notebook)
    assert turn.status == "failed"
    assert turn.error
    assert "retry later" in turn.error["message"]
    assert blocks_of(turn) == []
    calls = ModelCall.objects.filter(turn=turn)
    assert {call.status for call in calls} == {"torn"}
    assert len(calls) == len(api.requests)
