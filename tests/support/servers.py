"""A pytest plugin: a PostgreSQL, a Redis and a data folder of this session alone. bin/fuzz uses its parts.

It is loaded with `-p` (see pyproject.toml), because the environment has to be set before pytest-django reads
the settings. The servers start when tests are about to be collected, and everything is gone at the end.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from notebook_project import embedded
from notebook_project.embedded import postgres, redis_server
from notebook_project.processes import Program, end_kernels, kill_session

pytest_plugins = ["tests.support.processes"]

DATA_DIR = pytest.StashKey[Path]()
SERVERS = pytest.StashKey[ExitStack]()


@pytest.hookimpl(wrapper=True)  # around the others, so before pytest-django
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    data_dir = Path(tempfile.mkdtemp(prefix="tandem-test-"))
    early_config.stash[DATA_DIR] = data_dir
    early_config.stash[SERVERS] = ExitStack()
    point_settings_at(data_dir)
    return (yield)


def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if config.option.collectonly or _only_hands_out_tests(config):
        return
    stash = config.stash
    stash[SERVERS].enter_context(running_servers(stash[DATA_DIR]))


def pytest_unconfigure(config: pytest.Config) -> None:
    if DATA_DIR in config.stash:
        config.stash[SERVERS].close()
        shutil.rmtree(config.stash[DATA_DIR], ignore_errors=True)


def _only_hands_out_tests(config: pytest.Config) -> bool:
    """With pytest-xdist tests run in processes of its own, each with servers of its own."""
    return bool(getattr(config.option, "numprocesses", None)) and not hasattr(config, "workerinput")


def point_settings_at(data_dir: Path) -> None:
    """Nothing of the user's own Tandem is read or touched, and no key of a model is used by accident."""
    for name in [name for name in os.environ if name.startswith(("NOTEBOOK_", "ANTHROPIC_"))]:
        del os.environ[name]
    os.environ |= {
        "NOTEBOOK_DATA_DIR": str(data_dir),
        "NOTEBOOK_SECRET_KEY": "tests",
        # So that lanes let go and are taken up again in the tests too.
        "NOTEBOOK_LANE_LINGER_S": "2",
        # Tests of the pool have one. To all others it would cost a kernel for each start of a worker.
        "NOTEBOOK_KERNEL_POOL": "0",
        # The databases of tests are on the loopback; tests of addresses take this away.
        "NOTEBOOK_CONNECTION_PRIVATE_HOSTS": "127.0.0.1",
        # A dialect that is there, and two that are not.
        "NOTEBOOK_SQLALCHEMY_DIALECTS": "firebird?charset,trino,nowhere",
        "DATABASE_URL": embedded.database_url(data_dir),
        "REDIS_URL": embedded.redis_url(data_dir),
    }


@contextmanager
def running_servers(data_dir: Path) -> Iterator[None]:
    """PostgreSQL and Redis on the data folder. At the end nothing of theirs is kept, and no kernel left."""
    servers: list[subprocess.Popen[bytes]] = []
    try:
        servers.append(_start(postgres.prepare(data_dir, durable=False)))
        servers.append(_start(redis_server.prepare(data_dir)))
        postgres.wait_until_ready(data_dir, lambda: servers[0].poll() is None)
        redis_server.wait_until_ready(data_dir, lambda: servers[1].poll() is None)
        yield
    finally:
        end_kernels(data_dir)
        for server in servers:
            kill_session(server.pid)
            server.wait()
        embedded.remove_runtime_dir(data_dir)


def _start(program: Program) -> subprocess.Popen[bytes]:
    assert program.log_path is not None
    with program.log_path.open("ab") as log:
        return subprocess.Popen(program.argv, stdout=log, stderr=log, **program.options())
