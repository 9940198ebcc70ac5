"""Workers that come to an end."""

from collections.abc import Iterator

import pytest

from tests.support.processes import WorkerProcess


@pytest.fixture
def mortal_worker(worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """The only worker there is, for tests that kill it. The session's worker runs again afterwards."""
    yield worker
    if not worker.is_alive():
        worker.start()
