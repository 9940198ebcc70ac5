"""A Tandem of the benchmark's own: `manage.py up` on an empty data folder and a free port, durable as in production."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from notebook_project import embedded

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "bench-token-of-no-other-server"
START_TIMEOUT_S = 60
CALM_S = 1.0


@dataclass(frozen=True)
class Server:
    port: int
    process: "subprocess.Popen[bytes]"
    data_dir: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return embedded.database_url(self.data_dir)

    def memory_mb(self, name: str) -> float:
        """Resident memory of the child whose command line contains `name` (`celery`, `daphne`) and of its children."""
        return sum(child.memory_info().rss for child in self._named(name)) / 2**20

    def cpu_s(self, name: str) -> float:
        """Seconds that these have computed for."""
        times = [child.cpu_times() for child in self._named(name)]
        return sum(each.user + each.system for each in times)

    def peak_memory_mb(self, name: str) -> float:
        """The most that the largest of these has ever had."""
        statuses = [Path(f"/proc/{child.pid}/status").read_text() for child in self._named(name)]
        return max(int(status.split("VmHWM:")[1].split()[0]) for status in statuses) / 1024

    def wait_until_calm(self) -> None:
        """Until everything has started that was asked for, and no process of the server's computes."""
        deadline = time.monotonic() + START_TIMEOUT_S
        before = self._cpu_s()
        while time.monotonic() < deadline:
            time.sleep(CALM_S)
            after = self._cpu_s()
            if after - before < CALM_S / 10:
                return
            before = after
        raise SystemExit("The server does not come to rest.")

    def _cpu_s(self) -> float:
        """Of its processes that live."""
        used = 0.0
        for child in self._children():
            with suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                used += times.user + times.system
        return used

    def _named(self, name: str) -> list[psutil.Process]:
        return [
            child
            for child in self._children()
            if name in " ".join(child.cmdline()) and "beat" not in child.cmdline()
        ]

    def _children(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))


@contextmanager
def running_server(**settings: str) -> Iterator[Server]:
    data_dir = Path(tempfile.mkdtemp(prefix="tandem-bench-"))
    port = free_port()
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")
    }
    environment |= {
        "NOTEBOOK_DATA_DIR": str(data_dir),
        "NOTEBOOK_PORT": str(port),
        "NOTEBOOK_ADMIN_TOKEN": TOKEN,
        **settings,
    }
    with (data_dir / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        wait_until_served(f"http://127.0.0.1:{port}/login/", process, data_dir / "up.log")
        yield Server(port, process, data_dir)
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(data_dir, ignore_errors=True)


def wait_until_served(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"The server did not start:\n{log.read_text()}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
