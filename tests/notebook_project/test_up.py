"""`manage.py up` as a person meets it: a real process on a data folder and a port of its own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from notebook_project import embedded, preflight
from notebook_project.processes import Program, StartError
from notebook_project.programs import BASE_DIR
from tests.support.processes import wait_until

ADMIN_TOKEN = "tandem_test_token"


class Up:
    """One `manage.py up`, perhaps several times on the same data folder."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.data_dir = folder / "data"
        self.port = port
        self._log_path = folder / "up.log"
        self._settings = {"NOTEBOOK_ADMIN_TOKEN": ADMIN_TOKEN, **settings}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log_path.read_text()

    def start(self) -> None:
        # As a program of ours, so that it ends when the tests are killed.
        program = Program(
            "up",
            (sys.executable, str(BASE_DIR / "manage.py"), "up"),
            environment={
                "NOTEBOOK_DATA_DIR": str(self.data_dir),
                "NOTEBOOK_PORT": str(self.port),
                "NOTEBOOK_SECRET_KEY": "",
                "DATABASE_URL": "",
                "REDIS_URL": "",
                **self._settings,
            },
            orphan_signal=signal.SIGTERM,
        )
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(program.argv, stdout=log, stderr=log, **program.options())

    def wait_until_ready(self) -> None:
        wait_until(lambda: "log in with" in self.log or self._process.poll() is not None, "up says ready")
        assert self._process.poll() is None, self.log

    def wait_until_ended(self) -> int:
        return self._process.wait(timeout=20)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def end(self) -> None:
        if self._process.poll() is None:
            self.signal(signal.SIGTERM)
            self.wait_until_ended()
        shutil.rmtree(embedded.runtime_dir(self.data_dir), ignore_errors=True)  # where it was killed

    def child(self, part_of_command: str) -> psutil.Process | None:
        for process in psutil.Process(self._process.pid).children():
            with suppress(psutil.NoSuchProcess):  # a zombie counts as one
                if part_of_command in " ".join(process.cmdline()):
                    return process
        return None

    def processes(self) -> list[psutil.Process]:
        """All that is of this data folder, whoever its parent is now."""
        return [process for process in psutil.process_iter() if _belongs_to(process, self.data_dir)]

    def get(self, path: str, token: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            request = urllib.request.Request(f"{self.url}{path}", headers=headers)
            with urllib.request.urlopen(request, timeout=30) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    def post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        return answer


def _is_kernel(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.environ().get("TANDEM_KERNEL") == "1")
    return False


def _belongs_to(process: psutil.Process, data_dir: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return str(data_dir) in process.cmdline() or str(data_dir) in process.environ().values()
    except psutil.Error:
        return False


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    return find_free_port()


@pytest.fixture
def up(tmp_path: Path, free_port: int) -> Iterator[Up]:
    """One that the test may end, break and start again."""
    yield from _run(tmp_path, free_port)


@pytest.fixture(scope="module")
def shared_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One that every test leaves running."""
    yield from _run(tmp_path_factory.mktemp("shared"), find_free_port())


def _run(folder: Path, port: int) -> Iterator[Up]:
    process = Up(folder, port)
    process.start()
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.end()


@pytest.fixture
def refused(tmp_path: Path, free_port: int) -> Up:
    """One that is not started yet, and will not start."""
    return Up(tmp_path, free_port)


def assert_refuses(up: Up, sentence: str) -> None:
    """It ends at once with status 1 and one line."""
    up.start()
    assert up.wait_until_ended() == 1
    assert re.search(sentence, up.log), up.log
    assert len(up.log.splitlines()) == 1, up.log


def test_prints_the_address_and_a_link_that_logs_in_once(shared_up: Up) -> None:
    assert f"ready at {shared_up.url}/" in shared_up.log
    link = re.search(rf"{shared_up.url}(/login/link/\S+/)", shared_up.log)
    assert link is not None
    assert shared_up.get("/login/") == 200
    assert shared_up.get(link[1]) == 200


def test_accepts_the_token_of_the_environment_and_no_other(shared_up: Up) -> None:
    assert shared_up.get("/api/v1/notebooks/", token=ADMIN_TOKEN) == 200
    assert shared_up.get("/api/v1/notebooks/", token="tandem_other") == 401


def test_starts_again_on_its_data_and_forgets_an_earlier_token(up: Up, tmp_path: Path) -> None:
    up.end()
    again = Up(tmp_path, up.port, NOTEBOOK_ADMIN_TOKEN="tandem_changed")
    again.start()
    again.wait_until_ready()
    assert again.get("/api/v1/notebooks/", token="tandem_changed") == 200
    assert again.get("/api/v1/notebooks/", token=ADMIN_TOKEN) == 401
    again.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(up: Up, number: signal.Signals) -> None:
    kernel = _start_stand_in_for_a_kernel(up.data_dir)
    up.signal(number)
    assert up.wait_until_ended() == 0, up.log
    assert kernel.wait(timeout=5) != 0
    assert up.processes() == []


def test_a_kernel_ends_in_the_middle_of_a_cell(up: Up) -> None:
    notebook = up.post("/api/v1/notebooks/", {"title": "Endless"})
    source = "import time; print('on', flush=True); time.sleep(600)"
    up.post(f"/api/v1/notebooks/{notebook['id']}/cells/", {"kind": "python", "source": source})
    up.post(f"/api/v1/notebooks/{notebook['id']}/runs/", {"scope": "all"})
    wait_until(lambda: any(_is_kernel(process) for process in up.processes()), "a kernel runs")
    up.signal(signal.SIGTERM)
    assert up.wait_until_ended() == 0, up.log
    assert up.processes() == []


def test_a_kernel_of_other_data_stays(up: Up, tmp_path: Path) -> None:
    kernel = _start_stand_in_for_a_kernel(tmp_path / "other")
    up.end()
    assert kernel.poll() is None
    kernel.kill()
    kernel.wait()


def test_nothing_lingers_when_it_is_killed_and_the_next_start_works(up: Up) -> None:
    up.signal(signal.SIGKILL)
    up.wait_until_ended()
    up.start()  # at once: PostgreSQL may still be shutting down
    up.wait_until_ready()
    assert up.get("/api/v1/notebooks/", token=ADMIN_TOKEN) == 200
    up.signal(signal.SIGKILL)
    up.wait_until_ended()
    wait_until(lambda: up.processes() == [], "all processes have ended")


def test_a_stale_process_id_of_postgres_is_ignored(up: Up) -> None:
    """Ids repeat soon in a container: after a crash, the one in the file may be anybody's."""
    up.end()
    (up.data_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{up.data_dir}/postgres\n")
    up.start()
    up.wait_until_ready()


@pytest.mark.parametrize(
    "command",
    ["web_server", "--queues execution", "--queues assistant", "notebook_project beat", "redis", "postgres"],
)
def test_a_child_that_dies_is_started_again(shared_up: Up, command: str) -> None:
    child = wait_until(lambda: shared_up.child(command), f"{command} runs")
    said = shared_up.log
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: (new := shared_up.child(command)) and new.pid != child.pid, f"{command} runs again")
    wait_until(lambda: shared_up.get("/api/v1/notebooks/", token=ADMIN_TOKEN) == 200, "it serves again")
    assert "was ended by SIGKILL; next start in" in shared_up.log.removeprefix(said)


def test_a_request_waits_while_the_web_server_starts_again(shared_up: Up) -> None:
    child = shared_up.child("web_server")
    assert child is not None
    child.kill()
    child.wait()
    assert shared_up.get("/login/") == 200


def test_a_port_in_use_is_one_sentence(refused: Up) -> None:
    with socket.create_server(("127.0.0.1", refused.port)):
        assert_refuses(refused, f"Port {refused.port} on 127.0.0.1 is in use")


def test_an_address_of_another_machine_is_one_sentence(tmp_path: Path, free_port: int) -> None:
    assert_refuses(Up(tmp_path, free_port, NOTEBOOK_HOST="192.0.2.1"), "NOTEBOOK_HOST is 192.0.2.1")


def test_a_second_start_on_the_same_data_is_one_sentence(
    shared_up: Up, tmp_path_factory: pytest.TempPathFactory
) -> None:
    second = Up(tmp_path_factory.mktemp("second"), shared_up.port)
    second.data_dir = shared_up.data_dir
    assert_refuses(second, "Tandem already runs on the data folder")


def test_a_data_folder_that_is_a_file_is_one_sentence(refused: Up) -> None:
    refused.data_dir.write_text("")
    assert_refuses(refused, "NOTEBOOK_DATA_DIR must be a folder")


def test_a_damaged_database_folder_is_one_sentence(refused: Up) -> None:
    (refused.data_dir / "postgres").mkdir(parents=True)
    assert_refuses(refused, "postgres is damaged")


def test_a_database_of_another_version_is_one_sentence(refused: Up) -> None:
    (refused.data_dir / "postgres").mkdir(parents=True)
    (refused.data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    assert_refuses(refused, "is of PostgreSQL '16', not 18")


def test_a_database_that_does_not_start_is_one_sentence(up: Up) -> None:
    up.end()
    (up.data_dir / "postgres" / "global" / "pg_control").write_bytes(b"")
    assert_refuses(up, r"postgres could not start on .*pg_control")


def test_servers_of_the_environment_that_are_not_there_are_one_sentence(
    tmp_path: Path, free_port: int
) -> None:
    no_database = "postgresql://nobody@/none?host=/nowhere"
    assert_refuses(Up(tmp_path, free_port, DATABASE_URL=no_database), "The PostgreSQL of DATABASE_URL")
    database = os.environ["DATABASE_URL"]
    assert_refuses(
        Up(tmp_path, free_port, DATABASE_URL=database, REDIS_URL="unix:///nowhere"), "The Redis of REDIS_URL"
    )


def test_a_setting_that_cannot_be_understood_is_one_sentence(tmp_path: Path) -> None:
    up = Up(tmp_path, 0)
    assert_refuses(up, "NOTEBOOK_PORT must be from 1 to 65535, not 0")


def test_a_front_end_that_is_not_built_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="The front end is not built: start with bin/run"):
        preflight.check_front_end(tmp_path)
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {}}))
    with pytest.raises(StartError):
        preflight.check_front_end(tmp_path)


def _start_stand_in_for_a_kernel(data_dir: Path) -> "subprocess.Popen[bytes]":
    """In a session of its own, as kernels are, and known by its environment."""
    return subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={**os.environ, "TANDEM_KERNEL": "1", "TANDEM_DATA_DIR": str(data_dir)},
        start_new_session=True,
    )
