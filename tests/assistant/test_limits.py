"""Limits of a turn and of a person's day hold in the middle of a turn, and say what to do."""

import time
from typing import Any

import pytest

from apps.assistant.commands import retry_turn, send_message
from apps.assistant.conversations import assistant_state
from apps.base.errors import TooMany
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import calls, says
from tests.support.running import cells_of
from tests.support.turns import ask, go_on

CREATE = ("create_cell", {"kind": "python", "source": "x = 1", "after": "end"})


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("ASSISTANT_TURN_STEPS", 2, "its limit of 2 steps"),
        ("ASSISTANT_TURN_TOKENS", 1000, "its limit of 1,000 tokens"),
        ("ASSISTANT_TURN_USD", 0.001, "its limit of $0.001"),
    ],
)
def test_a_turn_ends_at_its_limit(
    settings: Any,
    api: MessagesApi,
    owner: Person,
    notebook: Notebook,
    setting: str,
    value: float,
    told: str,
) -> None:
    """What it did stays, and it can go on from there."""
    setattr(settings, setting, value)
    api.always(lambda _: calls(CREATE))
    turn = ask(owner, notebook)
    assert turn.status == "failed"
    assert turn.error
    assert turn.error["code"] == "limit"
    assert told in turn.error["message"]
    done = len(cells_of(notebook))
    assert 1 <= done <= 2
    retry_turn(actor=owner.actor, notebook_id=notebook.id, turn_id=turn.id)
    go_on(turn)
    assert turn.status == "failed"
    assert len(cells_of(notebook)) > done


def test_a_turn_ends_at_its_time(settings: Any, api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    settings.ASSISTANT_TURN_S = 1

    def slow(_: Any) -> Any:
        time.sleep(0.4)  # the model takes its time
        return calls(CREATE)

    api.always(slow)
    turn = ask(owner, notebook)
    assert turn.error
    assert "its limit of 1 seconds" in turn.error["message"]
    assert turn.active_ms >= 1000


def test_a_day_ends_in_the_middle_of_a_turn(
    settings: Any, api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """And then for all turns of that person, not of others."""
    settings.ASSISTANT_DAY_TOKENS = 5_000
    api.always(lambda _: calls(CREATE))
    turn = ask(owner, notebook)
    assert turn.error
    assert turn.error["message"].startswith("You have used your 5,000 tokens of today.")
    with pytest.raises(TooMany, match="tokens of today") as caught:
        send_message(actor=owner.actor, notebook_id=notebook.id, message="More")
    assert 1 <= caught.value.details["retry_after_s"] <= 24 * 3600
    today = assistant_state(actor=owner.actor, notebook_id=notebook.id)["today"]
    assert today["tokens"] >= today["max_tokens"] == 5_000
    api.always(lambda _: says("Yes?"))
    assert ask(editor, notebook, "And I?").status == "done"


def test_the_cost_of_a_day(settings: Any, api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    settings.ASSISTANT_DAY_USD = 0.001
    api.always(lambda _: calls(CREATE))
    turn = ask(owner, notebook)
    assert turn.error
    assert "your $0.001 of today" in turn.error["message"]
