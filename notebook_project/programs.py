"""The command lines of our own processes: web server, worker, beat. Used by `manage.py up` and the tests."""

import sys
from pathlib import Path

from notebook_project.processes import Program

BASE_DIR = Path(__file__).resolve().parent.parent

# An editor may push the largest source in one message, as JSON; daphne would refuse more than a megabyte.
MAX_SOCKET_MESSAGE_BYTES = 16 * 2**20

# Containers run us as root, and celery would say at every start that it advises against that.
NO_ROOT_WARNING = "ignore:You're running the worker with superuser privileges"


def web(site_fd: int) -> Program:
    """daphne, accepting on a socket that listens already."""
    limit = str(MAX_SOCKET_MESSAGE_BYTES)
    return _python(
        "web",
        "notebook_project.web_server",
        *("--fd", str(site_fd), "--verbosity", "0", "--no-server-name"),  # 0: no line for every request
        # A browser that is gone without a word is dropped within eight seconds: presence promises ten.
        *("--ping-interval", "2", "--ping-timeout", "4"),
        *("--websocket-max-message-size", limit, "--websocket-max-frame-size", limit),
        "notebook_project.asgi:application",
        open_files=(site_fd,),
    )


def worker(threads: int, queue: str = "execution") -> Program:
    """One Celery worker. It talks to no other worker: what there is to do is found in the database."""
    return _celery(
        "worker",
        *("--pool", "threads", "--concurrency", str(threads), "--queues", queue),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
    )


def beat(data_dir: Path) -> Program:
    """The clock: sends what `celery.py` has on its schedule."""
    return _celery("beat", "--schedule", str(data_dir / "beat-schedule"), "--loglevel", "WARNING")


def _celery(command: str, *arguments: str) -> Program:
    return _python(command, "celery", "--quiet", "--app", "notebook_project", command, *arguments)


def _python(name: str, module: str, *arguments: str, open_files: tuple[int, ...] = ()) -> Program:
    return Program(
        name=name,
        argv=(sys.executable, "-W", NO_ROOT_WARNING, "-m", module, *arguments),
        environment={"PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "notebook_project.settings"},
        directory=BASE_DIR,
        open_files=open_files,
    )
