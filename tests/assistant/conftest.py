"""The fake API for a test, which also says at the end whether anything was sent that the real one would refuse."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.assistant import model_client
from tests.support.messages_api import MessagesApi


@pytest.fixture
def api(settings: Any) -> Iterator[MessagesApi]:
    with MessagesApi() as api:
        settings.ANTHROPIC_API_KEY = "a-key-for-tests"
        settings.ANTHROPIC_BASE_URL = api.url
        settings.ASSISTANT_FIRST_RETRY_S = 0.01
        model_client._features.clear()
        yield api
        assert api.faults == []
        assert api.unsaid == 0, "replies that nobody asked for"
