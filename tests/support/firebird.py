"""A Firebird for connections by URL: a database that Tandem knows only through SQLAlchemy's dialect for it."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from tests.support.elsewhere import SECRET
from tests.support.processes import wait_until

_PROGRAMS = ("firebird", "isql-fb")
_MADE = f"""
create database 'shop' default character set UTF8;
create or alter user SYSDBA password 'sysdba';
create user analyst password '{SECRET}';
create table goods (name varchar(200));
grant all on goods to analyst;
commit;
"""


@dataclass(frozen=True)
class Firebird:
    port: int

    @property
    def url(self) -> str:
        return self.url_of("analyst", SECRET)

    def url_of(self, user: str, password: str) -> str:
        return f"firebird://{user}:{password}@127.0.0.1:{self.port}/shop?charset=UTF8"

    def execute(self, statement: str) -> list[Any]:
        engine = sqlalchemy.create_engine(self.url_of("sysdba", "sysdba"), poolclass=sqlalchemy.NullPool)
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    def running(self) -> list[str]:
        """The statements that the analyst's connections compute now."""
        rows = self.execute(
            "SELECT CAST(s.mon$sql_text AS VARCHAR(2000)) FROM mon$statements s JOIN mon$attachments a"
            " ON a.mon$attachment_id = s.mon$attachment_id WHERE a.mon$user = 'ANALYST' AND s.mon$state = 1"
        )
        return [text for (text,) in rows]


@pytest.fixture(scope="session")
def firebird() -> Iterator[Firebird]:
    installed = sorted(Path("/usr/lib").glob("*/firebird/*/plugins"))
    if not all(map(shutil.which, _PROGRAMS)) or not installed:
        pytest.skip("Firebird is not installed (bin/setup says how).")
    with tempfile.TemporaryDirectory(prefix="tandem-firebird-") as folder:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        environment = _prepared(Path(folder), installed[-1].parent, port)
        made = ["isql-fb", "-q", "-b", "-user", "SYSDBA"]
        subprocess.run(made, input=_MADE, text=True, check=True, capture_output=True, env=environment)
        server = subprocess.Popen(
            ["firebird", "-p", str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            there = Firebird(port)
            wait_until(lambda: _is_ready(there, server), "Firebird is ready")
            yield there
        finally:
            server.kill()
            server.wait()


def _prepared(root: Path, installed: Path, port: int) -> dict[str, str]:
    """A folder of its own for configuration, users and database; the environment in which it is used."""
    for name in ("plugins", "intl", "lib", "firebird.msg", "plugins.conf"):
        (root / name).symlink_to(installed / name)
    (root / "firebird.conf").write_text(
        f"RemoteServicePort = {port}\nRemoteBindAddress = 127.0.0.1\nIpcName = tandem-{port}\n"
        f"DatabaseAccess = Restrict {root}\n"
    )
    (root / "databases.conf").write_text(
        f"security.db = {root}/security.fdb\n{{\n  RemoteAccess = false\n}}\n"
        f"shop = {root}/shop.fdb\n{{\n  SecurityDatabase = {root}/security.fdb\n}}\n"
    )
    (security,) = Path("/var/lib/firebird").glob(f"{installed.name}/system/security?.fdb")
    shutil.copy(security, root / "security.fdb")
    (root / "lock").mkdir()
    return os.environ | {"FIREBIRD": str(root), "FIREBIRD_LOCK": str(root / "lock")}


def _is_ready(there: Firebird, server: "subprocess.Popen[bytes]") -> bool:
    assert server.poll() is None
    try:
        there.execute("SELECT 1 FROM rdb$database")
    except SQLAlchemyError:
        return False
    return True
