"""What lanes hear on their channel, with a real Redis."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from redis.client import PubSub

from apps.execution.intake import Intake
from apps.execution.wake import COMM, tell_lane, wake


def test_what_comes_with_the_confirmation_of_the_subscription_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is read from the socket with it, so the descriptor does not become readable for it."""
    notebook_id = uuid4()
    subscribe: Callable[..., Any] = PubSub.subscribe

    def subscribe_and_be_told(self: PubSub, *channels: str) -> None:
        subscribe(self, *channels)
        while not tell_lane(notebook_id, COMM + b"first"):
            pass
        tell_lane(notebook_id, COMM + b"second")

    monkeypatch.setattr(PubSub, "subscribe", subscribe_and_be_told)
    intake = Intake(notebook_id)
    try:
        assert list(intake.wait(None, 0.0)) == []
        assert intake.comms == [b"first", b"second"]
        wake(notebook_id)
        tell_lane(notebook_id, COMM + b"third")
        assert list(intake.wait(None, 10.0)) == []
        assert intake.woken
        assert not intake.hang_up() or intake.comms[-1] == b"third"
        assert intake.comms == [b"first", b"second", b"third"]
    finally:
        intake.close()
