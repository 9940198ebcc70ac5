"""The checks before a start, and what they take hold of: the data folder's lock and the site's socket.

Everything that can go wrong for a reason a person can mend raises `StartError` with one sentence.
"""

import errno
import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import TextIO

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from notebook_project import embedded
from notebook_project.processes import StartError

LISTEN_BACKLOG = 512
WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104


def check_front_end(static_root: Path) -> None:
    if not (static_root / "staticfiles.json").is_file() or not any(static_root.glob("dist/*")):
        raise StartError("The front end is not built: start with bin/run, which builds it.")


def lock_data_dir(data_dir: Path) -> TextIO:
    """Hold the data folder for this process alone, until the file is closed or we are killed."""
    lock = _open_lock(data_dir)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise StartError(
            f"Tandem already runs on the data folder {data_dir} (process {lock.read().strip()}): "
            "stop it, or set NOTEBOOK_DATA_DIR to another folder."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def listen(host: str, port: int) -> socket.socket:
    """The site's socket. It stays with us, so that browsers only wait while the web server starts again."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server((str(address[0]), port), family=family, backlog=LISTEN_BACKLOG)
    except OSError as error:
        raise StartError(_why_not_listening(error, host, port)) from None


def check_database(url: str) -> None:
    """Ask once, directly: the pool would try for ten seconds and then not say why."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise StartError(f"The PostgreSQL of DATABASE_URL cannot be used: {_first_line(error)}") from None


def check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise StartError(f"The Redis of REDIS_URL cannot be used: {_first_line(error)}") from None


def site_url(host: str, port: int) -> str:
    """The address to open in a browser on this machine."""
    if host in WILDCARD_HOSTS:
        host = WILDCARD_HOSTS[host]
    elif ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}"


def _open_lock(data_dir: Path) -> TextIO:
    try:
        embedded.make_data_dir(data_dir)
        tempfile.TemporaryFile(dir=data_dir).close()
        return (data_dir / "up.lock").open("a+")
    except OSError as error:
        raise StartError(f"The data folder {data_dir} cannot be written to ({error.strerror}).") from None


def _why_not_listening(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} on {host} is in use: stop what listens there, or set NOTEBOOK_PORT to another."
            )
        case errno.EACCES:
            return f"Port {port} is reserved for root: set NOTEBOOK_PORT to one above 1023."
        case _:
            return f"NOTEBOOK_HOST is {host}, which is not an address of this machine ({error.strerror})."


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
