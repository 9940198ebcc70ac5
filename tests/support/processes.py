"""Fixtures: the test database with committed rows, and real web server, worker and beat processes on it.

`database`, `server` and `worker` live for the session. A test of a fault may `kill()` the session's process
and `start()` it again, or make a `WebProcess` or `WorkerProcess` of its own.
"""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from notebook_project import preflight, programs
from notebook_project.processes import Program, end_kernels, kill_session

DEADLINE_S = 30.0
POLL_S = 0.02


def wait_until(condition: Callable[[], Any], what: str, *, deadline_s: float = DEADLINE_S) -> Any:
    """Poll until the condition is true, and return what it said; fails with `what` at the deadline."""
    deadline = time.monotonic() + deadline_s
    while not (result := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {deadline_s:g} s: {what}")
        time.sleep(POLL_S)
    return result


class ManagedProcess:
    """A process of Tandem on the test database, which can be killed and started again."""

    def __init__(self, program: Program, data_dir: Path, database_url: str) -> None:
        environment = {"DATABASE_URL": database_url, "NOTEBOOK_DATA_DIR": str(data_dir)}
        self._program = replace(program, environment={**program.environment, **environment})
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before_start = 0  # characters of the log
        self.log_path = data_dir / "logs" / f"{program.name}-{id(self):x}.log"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """All it has said so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it does its work."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it, and leave it to others to wait."""
        assert not self.is_alive()
        self.log_path.parent.mkdir(exist_ok=True)
        self._said_before_start = len(self.log)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._program.argv, stdout=log, stderr=log, **self._program.options()
            )

    def wait_until_ready(self) -> None:
        wait_until(self._is_ready_or_dead, f"{self._program.name} is ready:\n{self.log}")
        assert self.is_alive(), f"{self._program.name} ended:\n{self.log}"

    def kill(self) -> None:
        """As if the machine's memory had run out: SIGKILL, and it is gone when this returns."""
        if self._process is not None:
            kill_session(self._process.pid)
            self._process.wait()

    def stop(self) -> None:
        """As `manage.py up` ends it: asked first, killed if it takes too long."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=self._program.stop_timeout_s)
        self.kill()

    def _is_ready_or_dead(self) -> bool:
        return not self.is_alive() or self._is_ready()

    def _is_ready(self) -> bool:
        raise NotImplementedError

    def _has_said(self, text: str) -> bool:
        """Since the last start."""
        return text in self.log[self._said_before_start :]


class WebProcess(ManagedProcess):
    """daphne on a free port of the loopback. The port stays its own while it is down."""

    def __init__(self, data_dir: Path, database_url: str, **settings: str) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=preflight.LISTEN_BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        program = programs.web(self._listener.fileno())
        program = replace(program, environment={**program.environment, **settings})
        super().__init__(program, data_dir, database_url)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.stop()
        self._listener.close()

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/login/")
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class WorkerProcess(ManagedProcess):
    """A Celery worker of a queue, with these settings besides."""

    def __init__(
        self,
        data_dir: Path,
        database_url: str,
        *,
        threads: int = 16,
        queue: str = "execution",
        **settings: str,
    ) -> None:
        program = programs.worker(threads, queue)
        said_when_ready = replace(
            program,
            argv=(*program.argv, "--loglevel", "INFO"),
            environment={**program.environment, **settings},
        )
        super().__init__(said_when_ready, data_dir, database_url)

    def _is_ready(self) -> bool:
        return self._has_said(" ready.")


@contextmanager
def in_place_of(worker: WorkerProcess, other: WorkerProcess) -> Iterator[WorkerProcess]:
    """`other` does the work instead, and `worker` again afterwards."""
    worker.kill()
    try:
        other.start()
        yield other
    finally:
        other.kill()
        worker.start()


class BeatProcess(ManagedProcess):
    """Celery's clock, which kicks the sweeps."""

    def __init__(self, data_dir: Path, database_url: str) -> None:
        program = programs.beat(data_dir)
        said_when_ready = replace(program, argv=(*program.argv, "--loglevel", "INFO"))
        super().__init__(said_when_ready, data_dir, database_url)

    def _is_ready(self) -> bool:
        return self._has_said("beat: Starting")


@dataclass(frozen=True)
class Database:
    """The test database, whose rows stay until the end of the session."""

    url: str
    data_dir: Path


@pytest.fixture(scope="session")
def database(django_test_environment: None, django_db_blocker: Any) -> Iterator[Database]:
    """Access to the database for the whole session, with no transaction around a test.

    Not pytest-django's `django_db_setup`: that creates databases only for tests marked `django_db`. The whole
    PostgreSQL is thrown away at the end, so nobody has to drop this one.
    """
    from django.conf import settings  # noqa: PLC0415  (pytest loads this file before there are settings)
    from django.test.utils import setup_databases  # noqa: PLC0415

    with django_db_blocker.unblock():
        setup_databases(verbosity=0, interactive=False)
        name = settings.DATABASES["default"]["NAME"]
        url = os.environ["DATABASE_URL"].replace("/tandem?", f"/{name}?", 1)
        yield Database(url, settings.NOTEBOOK_DATA_DIR)


@pytest.fixture(scope="session")
def server(database: Database) -> Iterator[WebProcess]:
    """The site, at `server.url`. It runs no cells: for that, ask for `worker` too."""
    process = WebProcess(database.data_dir, database.url)
    process.start()
    yield process
    process.close()


@pytest.fixture(scope="module")
def worker(worker_of_session: WorkerProcess, database: Database) -> Iterator[WorkerProcess]:
    """One worker and beat. The kernels are ended with the module: the next has the machine to itself."""
    from apps.kernels.models import Kernel, KernelStatus  # noqa: PLC0415  (as above)

    yield worker_of_session
    Kernel.objects.exclude(status=KernelStatus.OFF).update(status=KernelStatus.OFF, provisioner_info={})
    end_kernels(database.data_dir, timeout_s=0.1)


@pytest.fixture
def mortal_worker(worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """The only worker there is, for tests that kill it. The session's worker runs again afterwards."""
    yield worker
    if not worker.is_alive():
        worker.start()


@pytest.fixture(scope="session")
def worker_of_session(database: Database) -> Iterator[WorkerProcess]:
    beat = BeatProcess(database.data_dir, database.url)
    process = WorkerProcess(database.data_dir, database.url)
    process.start()
    beat.start()
    yield process
    beat.stop()
    process.stop()
