"""The PostgreSQL and Redis that Tandem brings along, for machines where nobody runs them: where they are.

Paths and addresses depend on the data folder alone, so `settings.py` can name servers that are not started.
`postgres.py` and `redis_server.py` say how each is started. Both listen on Unix sockets that only our user
can reach, and on no port. Whoever prepares one holds the lock of the data folder (`manage.py up`) or made the
folder a moment ago (the tests), so a server that is still there from a crash may be ended.
"""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from notebook_project.processes import StartError

# A Unix socket's path may have 107 bytes on Linux; the longest name under the runtime folder is a kernel's.
MAX_RUNTIME_DIR_BYTES = 60

DATABASE_NAME = "tandem"
START_TIMEOUT_S = 30.0  # PostgreSQL replays its log after a crash, which can take a while
POLL_S = 0.02


def runtime_dir(data_dir: Path) -> Path:
    """The folder of sockets: `run` in the data folder, or a short one in /tmp if that path is too long."""
    inside = data_dir / "run"
    if len(str(inside).encode()) <= MAX_RUNTIME_DIR_BYTES:
        return inside
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tandem-{digest}"


def database_url(data_dir: Path) -> str:
    return f"postgresql://postgres@/{DATABASE_NAME}?host={quote(str(postgres_socket_dir(data_dir)))}"


def postgres_socket_dir(data_dir: Path) -> Path:
    return runtime_dir(data_dir) / "postgres"


def redis_url(data_dir: Path) -> str:
    return f"unix://{quote(str(runtime_dir(data_dir) / 'redis.sock'))}"


def load_or_create_secret_key(data_dir: Path) -> str:
    """Django's secret key, made at the first start and readable by the server's user alone."""
    path = data_dir / "secret_key"
    try:
        with suppress(FileNotFoundError):
            return path.read_text()
        make_data_dir(data_dir)
        # Written aside and linked, so that of two processes that start together both read the same whole key.
        with tempfile.NamedTemporaryFile("w", dir=data_dir) as file:  # only its owner may read it
            file.write(secrets.token_urlsafe(50))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(
            f"NOTEBOOK_DATA_DIR must be a folder that Tandem can write to: {data_dir} ({error.strerror})."
        ) from None


def make_data_dir(data_dir: Path) -> None:
    """People's work lies in it, so nobody else may look; a folder that is there already stays as it is."""
    data_dir.mkdir(mode=_private_mode(), parents=True, exist_ok=True)


def prepare_runtime_dir(data_dir: Path) -> Path:
    """Make the folder of sockets; it is ours, and nobody else can list it."""
    folder = runtime_dir(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    is_planted = folder.is_symlink() or folder.stat().st_uid != os.geteuid()
    if is_planted and folder.parent != data_dir:  # by anybody, in /tmp
        raise StartError(f"The folder {folder} for Tandem's sockets belongs to another user: remove it.")
    folder.chmod(_private_mode())
    return folder


def remove_runtime_dir(data_dir: Path) -> None:
    """Once nothing listens in it any more: a folder in /tmp would stay for ever."""
    shutil.rmtree(runtime_dir(data_dir), ignore_errors=True)


def package_dir(package: str) -> Path:
    """Where a package with a server's binary lies. It is not imported: that would do more than tell."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise StartError(
            f"The package {package} is not installed: run bin/setup, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def prepare_log(data_dir: Path, name: str) -> Path:
    """The server's log, of this start and, as `.old`, of the one before."""
    folder = data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    with suppress(FileNotFoundError):
        path.replace(path.with_suffix(".log.old"))
    return path


def wait_a_little(data_dir: Path, name: str, is_alive: Callable[[], bool], deadline: float) -> None:
    """Between two tries to reach a server that is starting; raises if it has ended or takes too long."""
    log_path = data_dir / "logs" / f"{name}.log"
    if not is_alive():
        raise StartError(f"{name} could not start on {data_dir}: {last_words(log_path)} (see {log_path}).")
    if time.monotonic() > deadline:
        raise StartError(f"{name} on {data_dir} was not ready in {START_TIMEOUT_S:.0f} s: see {log_path}.")
    time.sleep(POLL_S)


def last_words(log_path: Path) -> str:
    """The line that says why: the last fatal one, else the last."""
    lines = [line for line in log_path.read_text(errors="replace").splitlines() if line.strip()]
    fatal = [line for line in lines if re.search(r"FATAL|PANIC|could not", line)]
    line = (fatal or lines or ["it said nothing"])[-1]
    return re.sub(r"^.*?\b(FATAL|PANIC|LOG|DETAIL|HINT):\s*", "", line).rstrip(".")


def _private_mode() -> int:
    """Where we are root, PostgreSQL's own account has to get through to its folder inside."""
    return 0o711 if os.geteuid() == 0 else 0o700
