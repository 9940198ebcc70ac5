"""The fake API, which also says at the end of a test whether anything was sent that the real one would refuse.

And a site with a worker that ask it: processes of their own.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.assistant import model_client
from apps.assistant.models import UNFINISHED, Turn
from tests.support.messages_api import MessagesApi
from tests.support.processes import Database, WebProcess, WorkerProcess


@pytest.fixture(scope="session")
def messages_api() -> Iterator[MessagesApi]:
    with MessagesApi() as api:
        yield api


@pytest.fixture
def api(messages_api: MessagesApi, settings: Any) -> Iterator[MessagesApi]:
    messages_api.reset()
    settings.ANTHROPIC_API_KEY = "a-key-for-tests"
    settings.ANTHROPIC_BASE_URL = messages_api.url
    settings.ASSISTANT_FIRST_RETRY_S = 0.01
    model_client._features.clear()
    yield messages_api
    # Nobody shall do them in another test.
    Turn.objects.filter(status__in=UNFINISHED).update(status="cancelled")
    assert messages_api.faults == []
    assert messages_api.unsaid == 0, "replies that nobody asked for"


@pytest.fixture(scope="module")
def turns_worker(database: Database, messages_api: MessagesApi) -> Iterator[WorkerProcess]:
    """It does all turns there are, so it lives only as long as the tests that want that."""
    environment: Any = messages_api.environment
    worker = WorkerProcess(database.data_dir, database.url, queue="assistant", **environment)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture(scope="module")
def chat_server(database: Database, messages_api: MessagesApi) -> Iterator[WebProcess]:
    """A site on which the assistant can be asked."""
    server = WebProcess(database.data_dir, database.url, **messages_api.environment)
    server.start()
    yield server
    server.close()
