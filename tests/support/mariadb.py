"""A MariaDB for connections: on the loopback, with a password, and with a log of its statements."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mysql.connector
import pytest

from tests.support.elsewhere import SECRET
from tests.support.processes import wait_until

_PROGRAMS = ("mariadbd", "mariadb-install-db", "my_print_defaults")


@dataclass(frozen=True)
class MariaDb:
    port: int
    log_path: Path

    @property
    def url(self) -> str:
        return f"mysql://analyst:{SECRET}@127.0.0.1:{self.port}/shop"

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def execute(self, statement: str) -> list[Any]:
        connection: Any = mysql.connector.connect(
            host="127.0.0.1", port=self.port, user="root", use_pure=True, autocommit=True
        )
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def kill_running(self) -> None:
        """The ways in themselves, not only what is asked on them."""
        for (number,) in self.execute("SELECT id FROM information_schema.processlist WHERE user = 'analyst'"):
            self.execute(f"KILL HARD CONNECTION {number}")

    def running(self) -> list[str]:
        rows = self.execute("SELECT info FROM information_schema.processlist WHERE user = 'analyst'")
        return [info for (info,) in rows if info]


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    if not all(map(shutil.which, _PROGRAMS)):
        pytest.skip("MariaDB is not installed (bin/setup says how).")
    with tempfile.TemporaryDirectory(prefix="tandem-mariadb-") as folder:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        data, log_path = Path(folder, "data"), Path(folder, "general.log")
        owner = ["--no-defaults", f"--datadir={data}", *(["--user=root"] if os.getuid() == 0 else [])]
        made = ["mariadb-install-db", *owner, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(made, check=True, capture_output=True)
        log = ["--general-log", f"--general-log-file={log_path}"]
        place = [f"--socket={folder}/socket", "--bind-address=127.0.0.1", f"--port={port}"]
        server = subprocess.Popen(
            ["mariadbd", *owner, *place, *log, "--skip-log-bin"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            there = MariaDb(port, log_path)
            wait_until(lambda: _is_ready(there, server), "MariaDB is ready")
            there.execute("CREATE DATABASE shop CHARACTER SET utf8mb4")
            there.execute(f"CREATE USER analyst@'127.0.0.1' IDENTIFIED BY '{SECRET}'")
            there.execute("GRANT ALL ON shop.* TO analyst@'127.0.0.1'")
            yield there
        finally:
            server.kill()
            server.wait()


def _is_ready(there: MariaDb, server: "subprocess.Popen[bytes]") -> bool:
    assert server.poll() is None
    try:
        there.execute("SELECT 1")
    except mysql.connector.Error:
        return False
    return True
