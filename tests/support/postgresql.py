"""A PostgreSQL that is not ours, for connections: on the loopback, with a password and a log of its statements.

Apart from elsewhere.py, which needs Django: the benchmark asks it too.
"""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from notebook_project import embedded
from notebook_project.embedded import postgres
from notebook_project.processes import kill_session

SECRET = "s3cret-of-the-analyst-7f1"
START_TIMEOUT_S = 60

_HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True)
class Elsewhere:
    port: int
    admin_url: str
    """Past the password, for tests that look at what goes on there."""
    log_path: Path

    @property
    def url(self) -> str:
        return f"postgresql://analyst:{SECRET}@127.0.0.1:{self.port}/shop"

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def execute(self, statement: str) -> list[Any]:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def gate(self, number: int) -> Iterator[None]:
        """Inside, a statement that calls `pg_advisory_xact_lock` of the number waits."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [number])
            yield

    def running(self) -> list[str]:
        """The statements that run for connections now."""
        rows = self.execute(
            "SELECT query FROM pg_stat_activity WHERE application_name = 'tandem' AND state = 'active'"
        )
        return [query for (query,) in rows]


@contextmanager
def running_postgresql() -> Iterator[Elsewhere]:
    with tempfile.TemporaryDirectory(prefix="tandem-elsewhere-") as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o755)
        program = postgres.prepare(data_dir, durable=False)
        (data_dir / "postgres" / "pg_hba.conf").write_text(_HBA)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        settings = {"listen_addresses": "127.0.0.1", "port": port, "log_statement": "all"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        program = replace(program, argv=(*program.argv, *options))
        assert program.log_path is not None
        with program.log_path.open("ab") as log:
            server = subprocess.Popen(program.argv, stdout=log, stderr=log, **program.options())
        admin_url = f"host={embedded.postgres_socket_dir(data_dir)} port={port} user=postgres dbname=postgres"
        try:
            _wait_until_ready(admin_url, server)
            there = Elsewhere(port, admin_url, program.log_path)
            there.execute(f"CREATE ROLE analyst LOGIN PASSWORD '{SECRET}'")
            there.execute("CREATE DATABASE shop OWNER analyst")
            yield replace(there, admin_url=admin_url.replace("dbname=postgres", "dbname=shop"))
        finally:
            kill_session(server.pid)
            server.wait()
            embedded.remove_runtime_dir(data_dir)


def _wait_until_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        assert server.poll() is None
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "The other PostgreSQL does not start."
            time.sleep(0.1)
        else:
            return
