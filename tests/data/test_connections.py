"""Connections: who may do what with them, and that a password never comes out."""

import subprocess
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.actors import Actor, ActorKind
from apps.base.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from apps.data.commands import (
    change_connection,
    check_connection,
    choose_source,
    create_connection,
    delete_connection,
    share_connection,
    unshare_connection,
)
from apps.data.connection_parts import Parts
from apps.data.connections import connection_json, connections_of, sources_of
from apps.data.models import Connection
from apps.data.sealing import opened, sealed
from apps.data.targets import target_of
from apps.execution.queries import snapshot
from apps.kernels.processes import workspace_of
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import Notebook
from notebook_project.embedded.postgres import _binary
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import SECRET, Elsewhere, ask, connect
from tests.support.processes import Database, WorkerProcess
from tests.support.replay import verified_replay
from tests.support.running import outputs_of, run_and_wait

PARTS = Parts(name="shop", kind="postgresql", host="db.example.com", user="analyst", secret=SECRET)


def create(person: Person, **parts: Any) -> Connection:
    return create_connection(actor=person.actor, parts=Parts(**(asdict(PARTS) | parts)))


def change(person: Person, connection: Connection, **parts: Any) -> Connection:
    return change_connection(actor=person.actor, connection_id=connection.id, parts=Parts(**parts))


def test_create_and_change(owner: Person, stranger: Person) -> None:
    connection = create(owner)
    assert connection.is_read_only
    assert opened(connection.sealed_secret) == SECRET
    assert SECRET not in connection.sealed_secret
    with pytest.raises(Conflict, match="called shop already"):
        create(owner)
    assert create(stranger).owner == stranger.user
    other = create(owner, name="other")
    with pytest.raises(Conflict):
        change(owner, other, name=" shop ")
    with pytest.raises(NotFound):
        change(stranger, connection, name="mine")
    with pytest.raises(Invalid, match="1 to 3,600"):
        change(owner, connection, timeout_s=0)
    assert change(owner, connection, database="sales", timeout_s=5, is_read_only=False).database == "sales"
    assert [each["name"] for each in connections_of(actor=owner.actor)] == ["other", "shop"]
    delete_connection(actor=owner.actor, connection_id=connection.id)
    assert [each["name"] for each in connections_of(actor=owner.actor)] == ["other"]


def test_a_password_goes_to_no_other_server(owner: Person) -> None:
    """Or an address that is changed would have it sent to whoever listens there."""
    connection = create(owner)
    for parts in (
        {"host": "evil.example.com"},
        {"port": 6543},
        {"user": "root"},
        {"url": "postgresql://a@b.com/c"},
    ):
        change(owner, connection, url=f"postgresql://analyst:{SECRET}@db.example.com/shop")
        change(owner, connection, database="sales", options={"sslmode": "require"})
        assert connection_json(Connection.objects.get(id=connection.id))["has_secret"]
        change(owner, connection, **parts)
        assert not connection_json(Connection.objects.get(id=connection.id))["has_secret"]


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "oracle"},
        {"kind": None},
        {"host": "/var/run/postgresql"},
        {"host": "a,b"},
        {"host": ""},
        {"port": 70000},
        {"database": "host=/tmp"},
        {"options": {"sslrootcert": "/etc/passwd"}},
        {"options": {"sslmode": "none"}},
        {"name": ""},
        {"kind": "sqlite", "database": "../other/x.db"},
        {"kind": "duckdb", "database": "/etc/passwd"},
        {"kind": "sqlite", "database": ""},
        {"max_queries": 1000},
    ],
)
def test_what_is_refused(owner: Person, parts: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        create(owner, **parts)
    assert not Connection.objects.filter(owner=owner.user).exists()


def test_who_may_use_it(
    owner: Person, editor: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    connection, cell = create(editor), add_cell(owner, notebook, "SELECT 1", kind="sql")
    for person in (owner, viewer, stranger):
        with pytest.raises((NotFound, Forbidden)):
            ask(person, cell, connection)
    assert sources_of(actor=owner.actor, notebook_id=notebook.id) == []
    assistant = Actor(ActorKind.ASSISTANT, "assistant", editor.user.id)
    with pytest.raises(Forbidden, match="Only a person"):
        choose_source(actor=assistant, notebook_id=notebook.id, cell_id=cell.id, connection_id=connection.id)
    with verified_replay(owner, notebook, events=1):
        ask(editor, cell, connection)
    with verified_replay(owner, notebook, events=0):
        ask(owner, cell, connection)
    (source,) = sources_of(actor=viewer.actor, notebook_id=notebook.id)
    assert source == {
        "id": str(connection.id),
        "name": "shop",
        "kind": "postgresql",
        "dialect": "",
        "owner": editor.user.username,
        "is_shared": True,
    }
    with pytest.raises(NotFound):
        unshare_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    unshare_connection(actor=editor.actor, connection_id=connection.id, notebook_id=notebook.id)
    assert sources_of(actor=owner.actor, notebook_id=notebook.id) == []
    with pytest.raises(NotFound):
        share_connection(actor=stranger.actor, connection_id=create(stranger).id, notebook_id=notebook.id)
    with verified_replay(owner, notebook, events=1):
        ask(owner, cell, None)
    with pytest.raises(Invalid, match="Only an SQL cell"):
        ask(editor, add_cell(owner, notebook, "x = 1"), connection)


def test_keys_are_rotated(owner: Person, settings: Any) -> None:
    connection = create(owner)
    old_keys = settings.CONNECTION_KEYS
    settings.CONNECTION_KEYS = ["new", *old_keys]
    call_command("rotate_connection_keys", stdout=StringIO())
    settings.CONNECTION_KEYS = ["new"]
    connection.refresh_from_db()
    assert opened(connection.sealed_secret) == SECRET
    settings.CONNECTION_KEYS = ["lost"]
    with pytest.raises(Unavailable, match="Enter the password again"):
        opened(connection.sealed_secret)
    with pytest.raises(CommandError, match="No key fits"):
        call_command("rotate_connection_keys", stdout=StringIO())
    Connection.objects.update(sealed_secret="")


def test_check(owner: Person, stranger: Person, notebook: Notebook, elsewhere: Elsewhere) -> None:
    connection = connect(owner, elsewhere)
    check_connection(actor=owner.actor, connection_id=connection.id)
    with pytest.raises(NotFound):
        check_connection(actor=stranger.actor, connection_id=connection.id)
    change(owner, connection, secret="wrong")
    with pytest.raises(Unavailable, match="password authentication failed"):
        check_connection(actor=owner.actor, connection_id=connection.id)
    change(owner, connection, host="nowhere.invalid")
    with pytest.raises(Unavailable, match=r"no server called nowhere\.invalid"):
        check_connection(actor=owner.actor, connection_id=connection.id)
    file = create(owner, name="file", kind="sqlite", database="data/a.db")
    assert not file.sealed_secret
    with pytest.raises(Invalid, match="Share it"):
        check_connection(actor=owner.actor, connection_id=file.id)
    share_connection(actor=owner.actor, connection_id=file.id, notebook_id=notebook.id)
    with pytest.raises(NotFound, match="There is no data"):
        check_connection(actor=owner.actor, connection_id=file.id)
    (workspace_of(notebook.id) / "data").mkdir()
    (workspace_of(notebook.id) / "data" / "a.db").write_bytes(b"")
    check_connection(actor=owner.actor, connection_id=file.id)


def test_the_password_is_nowhere_but_in_its_column(
    worker: WorkerProcess, database: Database, elsewhere: Elsewhere, owner: Person, notebook: Notebook
) -> None:
    connection = connect(owner, elsewhere)
    right = add_cell(owner, notebook, "SELECT * FROM pg_settings WHERE name LIKE {name}", kind="sql")
    wrong = add_cell(owner, notebook, "SELEC {name}", kind="sql")
    add_cell(owner, notebook, "name = '%'")
    looked = add_cell(
        owner,
        notebook,
        "import gc, os\n"
        f"secret = ''.join(reversed({SECRET[::-1]!r}))\n"
        "found = [name for folder, _, names in os.walk('/workspace') for name in names\n"
        "  if secret.encode() in open(os.path.join(folder, name), 'rb').read()]\n"
        "print(found, [n for n, v in os.environ.items() if secret in v], len(df_1) > 10)",
    )
    for cell in (right, wrong):
        ask(owner, cell, connection)
    run_and_wait(owner, notebook)
    change(owner, connection, secret=f"{SECRET}-wrong")
    run_and_wait(owner, notebook, "cell", right)
    (error,) = [each for each in outputs_of(right) if each["output_type"] == "error"]
    assert "password authentication failed" in str(error)
    (said,) = outputs_of(looked)
    assert said["text"] == "[] [] True\n"

    connection.refresh_from_db()
    target = target_of(connection)
    told = [repr(target), repr(PARTS), str(connection), repr(connection.__dict__)]
    told += [str(connection_json(connection)), str(sources_of(actor=owner.actor, notebook_id=notebook.id))]
    told += [
        str(export_ipynb(notebook_id=notebook.id)),
        str(snapshot(actor=owner.actor, notebook_id=notebook.id)),
    ]
    told += [
        path.read_text(errors="replace")
        for path in Path(database.data_dir, "logs").glob("*")
        if path.is_file()
    ]
    told.append(_dump(database))
    assert connection.sealed_secret[:40] in told[-1]
    assert not [text[:200] for text in told if SECRET in text]


def test_sealed_twice_is_never_the_same() -> None:
    assert sealed("a") != sealed("a")
    assert (sealed(""), opened("")) == ("", "")


def _dump(database: Database) -> str:
    """All of the test database, as text."""
    command = [str(_binary("pg_dump")), "--inserts", database.url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
