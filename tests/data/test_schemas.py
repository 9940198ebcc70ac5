"""What there is in a database: of a PostgreSQL and a MariaDB, as their users may see it."""

from typing import Any

import pytest
import redis

from apps.base.errors import Forbidden, Invalid, NotFound, TooMany, Unavailable
from apps.data import schemas, small_answers
from apps.data.commands import (
    change_connection,
    create_connection,
    delete_connection,
    share_connection,
    unshare_connection,
)
from apps.data.connection_parts import Parts
from apps.data.models import Connection
from apps.data.query_slots import query_slot
from apps.data.schemas import schema_of
from apps.journal.publish import connection as redis_connection
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.elsewhere import SECRET, Elsewhere, connect
from tests.support.mariadb import MariaDb

Json = dict[str, Any]

# A name that needs every quote there is.
ODD = 'Größe "für" `alle` 表.😀'


def shared(person: Person, connection: Connection, notebook: Notebook) -> Connection:
    share_connection(actor=person.actor, connection_id=connection.id, notebook_id=notebook.id)
    return connection


def look(person: Person, notebook: Notebook, connection: Connection, *, is_fresh: bool = True) -> Json:
    return schema_of(
        actor=person.actor, notebook_id=notebook.id, connection_id=connection.id, is_fresh=is_fresh
    )


def tables_of(schema: Json, name: str) -> dict[str, Json]:
    (found,) = [each for each in schema["schemas"] if each["name"] == name]
    return {table["name"]: table for table in found["tables"]}


def columns_of(table: Json) -> list[tuple[str, str]]:
    return [(column["name"], column["type"]) for column in table["columns"]]


@pytest.fixture
def shop(elsewhere: Elsewhere) -> Elsewhere:
    quoted = ODD.replace('"', '""')
    for statement in (
        "DROP SCHEMA IF EXISTS zoo, hidden, warehouse CASCADE",
        "CREATE SCHEMA zoo AUTHORIZATION analyst",
        "CREATE SCHEMA warehouse",
        "GRANT USAGE ON SCHEMA warehouse TO analyst",
        "CREATE SCHEMA hidden",
        "CREATE TABLE hidden.keys (id int)",
        "GRANT SELECT ON hidden.keys TO analyst",
        "CREATE TYPE zoo.mood AS ENUM ('calm', 'wild')",
        "CREATE TABLE zoo.animals (id bigint PRIMARY KEY, gone int, name varchar(20), weight numeric(10,2),"
        " seen timestamptz, tags text[], mood zoo.mood)",
        "ALTER TABLE zoo.animals DROP COLUMN gone",
        "CREATE VIEW zoo.heavy AS SELECT name FROM zoo.animals",
        "CREATE MATERIALIZED VIEW zoo.counted AS SELECT count(*) AS animals FROM zoo.animals",
        "CREATE TABLE zoo.visits (day date) PARTITION BY RANGE (day)",
        "CREATE TABLE zoo.visits_2024 PARTITION OF zoo.visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        f'CREATE TABLE zoo."{quoted}" ("{quoted}" int)',
        "GRANT SELECT ON ALL TABLES IN SCHEMA zoo TO analyst",
        "CREATE TABLE warehouse.staff (name text, salary int)",
        "GRANT SELECT (name) ON warehouse.staff TO analyst",
        "CREATE TABLE warehouse.audit (line text)",
        "CREATE TABLE IF NOT EXISTS public.orders (id int)",
        "GRANT SELECT ON public.orders TO analyst",
        'CREATE TABLE IF NOT EXISTS public."order" (id int)',
        'GRANT SELECT ON public."order" TO analyst',
    ):
        elsewhere.execute(statement)
    return elsewhere


def test_postgresql(owner: Person, notebook: Notebook, shop: Elsewhere) -> None:
    schema = look(owner, notebook, shared(owner, connect(owner, shop), notebook))
    assert (schema["kind"], schema["is_complete"]) == ("postgresql", True)
    # That of names without one comes first, and none that is not to be seen.
    names = [(each["name"], each["is_default"]) for each in schema["schemas"]]
    assert names[0] == ("public", True)
    assert ("zoo", False) in names
    assert "hidden" not in dict(names)
    assert "pg_catalog" not in dict(names)
    zoo = tables_of(schema, "zoo")
    assert {name: table["kind"] for name, table in zoo.items()} == {
        "animals": "table",
        "counted": "view",
        "heavy": "view",
        "visits": "table",
        ODD: "table",
    }
    assert columns_of(zoo["animals"]) == [
        ("id", "bigint"),
        ("name", "character varying(20)"),
        ("weight", "numeric(10,2)"),
        ("seen", "timestamp with time zone"),
        ("tags", "text[]"),
        ("mood", "zoo.mood"),
    ]
    assert columns_of(zoo[ODD]) == [(ODD, "integer")]
    quoted = '"{}"'.format(ODD.replace('"', '""'))
    assert zoo[ODD]["written"] == quoted
    assert zoo[ODD]["columns"][0]["written"] == quoted
    assert zoo["animals"]["columns"][1]["written"] == "name"
    assert tables_of(schema, "public")["order"]["written"] == '"order"'
    # Only what its user may read.
    warehouse = tables_of(schema, "warehouse")
    assert list(warehouse) == ["staff"]
    assert columns_of(warehouse["staff"]) == [("name", "text")]


def test_mariadb(owner: Person, notebook: Notebook, mariadb: MariaDb) -> None:
    quoted = ODD.replace("`", "``").replace("😀", "")  # which MariaDB has no names with
    mariadb.execute("CREATE DATABASE IF NOT EXISTS zoo")
    mariadb.execute("CREATE DATABASE IF NOT EXISTS hidden")
    mariadb.execute("CREATE OR REPLACE TABLE hidden.secrets (id INT)")
    mariadb.execute("CREATE OR REPLACE TABLE zoo.animals (id BIGINT UNSIGNED, mood ENUM('calm','wild'))")
    mariadb.execute("CREATE OR REPLACE TABLE zoo.Animals (upper INT)")
    mariadb.execute("CREATE OR REPLACE TABLE zoo.staff (name TEXT, salary INT)")
    mariadb.execute(f"CREATE OR REPLACE TABLE zoo.`{quoted}` (`{quoted}` DECIMAL(10,2))")
    mariadb.execute("CREATE OR REPLACE VIEW zoo.calm AS SELECT id FROM zoo.animals")
    for place in ("zoo.animals", "zoo.Animals", "zoo.calm", f"zoo.`{quoted}`"):
        mariadb.execute(f"GRANT SELECT ON {place} TO analyst@'127.0.0.1'")
    mariadb.execute("GRANT SELECT (name) ON zoo.staff TO analyst@'127.0.0.1'")
    mariadb.execute("CREATE OR REPLACE TABLE shop.orders (id INT)")
    connection = create_connection(actor=owner.actor, parts=Parts(name="shop", url=mariadb.url))
    schema = look(owner, notebook, shared(owner, connection, notebook))
    assert (schema["kind"], schema["is_complete"]) == ("mysql", True)
    assert [(each["name"], each["is_default"]) for each in schema["schemas"]] == [
        ("shop", True),
        ("zoo", False),
    ]
    zoo = tables_of(schema, "zoo")
    assert {name: (table["kind"], columns_of(table)) for name, table in zoo.items()} == {
        "Animals": ("table", [("upper", "int(11)")]),
        ODD.replace("😀", ""): ("table", [(ODD.replace("😀", ""), "decimal(10,2)")]),
        "animals": ("table", [("id", "bigint(20) unsigned"), ("mood", "enum('calm','wild')")]),
        "calm": ("view", [("id", "bigint(20) unsigned")]),
        "staff": ("table", [("name", "text")]),
    }
    assert zoo["staff"]["written"] == "`staff`"
    assert zoo[ODD.replace("😀", "")]["columns"][0]["written"] == f"`{quoted}`"
    assert tables_of(schema, "shop")["orders"]["written"] == "`orders`"


def test_it_is_kept_until_somebody_wants_it_fresh_or_it_leads_elsewhere(
    owner: Person, notebook: Notebook, shop: Elsewhere
) -> None:
    connection = shared(owner, connect(owner, shop), notebook)
    first = look(owner, notebook, connection)
    (key,) = redis_connection().keys(f"tandem:schema:{connection.id}:*")
    assert SECRET not in str(redis_connection().get(key))
    assert 0 < redis_connection().ttl(key) <= schemas.KEPT_S
    shop.execute("CREATE TABLE zoo.newcomers (id int)")
    shop.execute("GRANT SELECT ON zoo.newcomers TO analyst")
    assert look(owner, notebook, connection, is_fresh=False) == first
    assert "newcomers" in tables_of(look(owner, notebook, connection), "zoo")
    assert "newcomers" in tables_of(look(owner, notebook, connection, is_fresh=False), "zoo")
    # Somebody else may see something else.
    change_connection(
        actor=owner.actor, connection_id=connection.id, parts=Parts(user="nobody", secret="wrong")
    )
    with pytest.raises(Unavailable, match="password authentication failed"):
        look(owner, notebook, connection, is_fresh=False)


def test_of_too_many_the_first_are_told(
    owner: Person, notebook: Notebook, shop: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = shared(owner, connect(owner, shop), notebook)
    whole = look(owner, notebook, connection)
    monkeypatch.setattr(schemas, "MAX_TABLES", 2)
    few = look(owner, notebook, connection)
    assert not few["is_complete"]
    assert sum(len(each["tables"]) for each in few["schemas"]) == 2
    assert few["schemas"][0]["tables"][0] == whole["schemas"][0]["tables"][0]
    monkeypatch.setattr(schemas, "MAX_COLUMNS", 1)
    fewer = look(owner, notebook, connection)
    assert not fewer["is_complete"]
    ((table,),) = [each["tables"] for each in fewer["schemas"]]
    assert len(table["columns"]) == 1


def test_only_for_those_who_may_ask(
    owner: Person, editor: Person, viewer: Person, stranger: Person, notebook: Notebook, shop: Elsewhere
) -> None:
    connection = connect(owner, shop)
    with pytest.raises(NotFound, match="not shared with this notebook"):
        look(owner, notebook, connection)
    shared(owner, connection, notebook)
    assert tables_of(look(editor, notebook, connection), "zoo")
    # What is kept is told to nobody who may not look.
    with pytest.raises(Forbidden):
        look(viewer, notebook, connection, is_fresh=False)
    with pytest.raises(NotFound):
        look(stranger, notebook, connection, is_fresh=False)
    unshare_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    with pytest.raises(NotFound, match="not shared with this notebook"):
        look(editor, notebook, connection, is_fresh=False)
    delete_connection(actor=owner.actor, connection_id=connection.id)
    with pytest.raises(NotFound):
        look(owner, notebook, connection, is_fresh=False)


def test_what_cannot_be_looked_at_says_why(
    owner: Person,
    notebook: Notebook,
    elsewhere: Elsewhere,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = create_connection(actor=owner.actor, parts=Parts(name="file", kind="sqlite", database="a.db"))
    with pytest.raises(Unavailable, match="Start the kernel to see its tables"):
        look(owner, notebook, shared(owner, file, notebook))
    connection = shared(owner, connect(owner, elsewhere, max_queries=1), notebook)
    monkeypatch.setattr(small_answers, "SLOT_WAIT_S", 0.0)
    with query_slot(connection, lambda: True), pytest.raises(TooMany, match="1 queries of this connection"):
        look(owner, notebook, connection)
    settings.CONNECTION_PRIVATE_HOSTS = []
    with pytest.raises(Invalid, match="NOTEBOOK_CONNECTION_PRIVATE_HOSTS"):
        look(owner, notebook, connection)


def test_without_redis_it_is_looked_up_each_time(
    owner: Person, notebook: Notebook, shop: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)
    monkeypatch.setattr(schemas, "redis_connection", lambda: nowhere)
    connection = shared(owner, connect(owner, shop), notebook)
    assert tables_of(look(owner, notebook, connection, is_fresh=False), "zoo")
