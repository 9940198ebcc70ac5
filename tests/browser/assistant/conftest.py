"""The site and a worker of the assistant, both with a key, and the model's API that they ask: all real but the last."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.messages_api import MessagesApi
from tests.support.processes import Database, WebProcess, WorkerProcess


@pytest.fixture(scope="package")
def messages_api() -> Iterator[MessagesApi]:
    with MessagesApi() as api:
        yield api


@pytest.fixture(scope="package")
def server(database: Database, messages_api: MessagesApi) -> Iterator[WebProcess]:
    environment: Any = messages_api.environment
    web = WebProcess(database.data_dir, database.url, **environment)
    assistant = WorkerProcess(database.data_dir, database.url, queue="assistant", **environment)
    web.start()
    assistant.start()
    yield web
    assistant.stop()
    web.close()


@pytest.fixture(autouse=True)
def api(messages_api: MessagesApi) -> Iterator[MessagesApi]:
    """For this test alone. Nothing that is asked of it may be what the real one refuses, or would not have."""
    messages_api.reset()
    yield messages_api
    assert messages_api.faults == []
    assert messages_api.unsaid == 0
