"""connections/, notebooks/{id}/connections/ and cells/{id}/connection/"""

from typing import Any

import pytest

from apps.api import connection_shapes, responses
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import SECRET, Elsewhere

PARTS = {"name": "shop", "kind": "postgresql", "host": "db.example.com", "user": "ana", "secret": SECRET}


def create(person: Person, **parts: Any) -> Any:
    return Caller(person).post("connections/", PARTS | parts).shaped(responses.Connection, 201)


def test_from_birth_to_end(owner: Person, stranger: Person, notebook: Notebook) -> None:
    created = create(owner)
    assert (created["has_secret"], created["is_read_only"], created["notebooks"]) == (True, True, [])
    path = f"connections/{created['id']}/"
    assert Caller(owner).get(path).shaped(responses.Connection) == created
    changed = Caller(owner).patch(path, {"timeout_s": 5}).shaped(responses.Connection)
    assert (changed["timeout_s"], changed["has_secret"]) == (5, True)
    shared = Caller(owner).put(f"{path}notebooks/{notebook.id}/", {}).shaped(responses.Connection)
    assert shared["notebooks"] == [{"id": str(notebook.id), "title": notebook.title}]
    answer = Caller(owner).get("connections/")
    assert answer.shaped(responses.ConnectionList)["connections"] == [shared]
    assert SECRET.encode() not in answer.content
    for refused in (
        Caller(stranger).get(path),
        Caller(stranger).patch(path, {"name": "mine"}),
        Caller(stranger).post(f"{path}test/", {}),
        Caller(stranger).delete(path),
    ):
        refused.refused(404, "not_found")
    assert Caller(owner).delete(f"{path}notebooks/{notebook.id}/").status == 204
    assert Caller(owner).delete(path).status == 204
    Caller(owner).get(path).refused(404, "not_found")


def test_what_a_cell_asks(owner: Person, editor: Person, viewer: Person, notebook: Notebook) -> None:
    connection, cell = create(editor), add_cell(owner, notebook, "SELECT 1", kind="sql")
    path = f"notebooks/{notebook.id}/cells/{cell.id}/connection/"
    chosen = {"connection_id": connection["id"]}
    Caller(owner).put(path, chosen).refused(404, "not_found")
    Caller(viewer).put(path, {"connection_id": None}).refused(403, "forbidden")
    assert Caller(editor).put(path, chosen).shaped(responses.Cell)["connection_id"] == connection["id"]
    (source,) = (
        Caller(viewer)
        .get(f"notebooks/{notebook.id}/connections/")
        .shaped(responses.SourceList)["connections"]
    )
    assert (source["name"], source["owner"], source["is_shared"]) == ("shop", editor.user.username, True)
    Caller(owner).put(path, {"connection_id": None}).shaped(responses.Cell)
    assert Cell.objects.get(id=cell.id).connection_id is None


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "oracle"},
        {"port": -1},
        {"host": "/tmp"},
        {"options": {"sslkey": "/etc/passwd"}},
        {"options": {"sslmode": 1}},
        {"name": "x" * 61},
        {"name": "nul\x00"},
        {"timeout_s": 10**9},
        {"sealed_secret": "x"},
        {"owner": 1},
        {"url": "postgresql:///shop?host=/tmp"},
    ],
)
def test_malformed(owner: Person, parts: dict[str, Any]) -> None:
    error = Caller(owner).post("connections/", PARTS | parts).refused(400, "invalid")
    assert SECRET not in str(error)


def test_the_test_button(owner: Person, elsewhere: Elsewhere) -> None:
    created = create(owner, url=elsewhere.url)
    path = f"connections/{created['id']}/"
    assert Caller(owner).post(f"{path}test/", {}).shaped(responses.ConnectionWorks) == {"works": True}
    Caller(owner).patch(path, {"host": "127.0.0.2"})
    error = Caller(owner).post(f"{path}test/", {}).refused(400, "invalid")
    assert "NOTEBOOK_CONNECTION_PRIVATE_HOSTS" in error["message"]


def test_the_schema(
    owner: Person, editor: Person, viewer: Person, notebook: Notebook, elsewhere: Elsewhere
) -> None:
    elsewhere.execute("CREATE TABLE IF NOT EXISTS deliveries (id int, placed_on date)")
    elsewhere.execute("GRANT SELECT ON deliveries TO analyst")
    created = create(owner, url=elsewhere.url)
    path = f"notebooks/{notebook.id}/connections/{created['id']}/schema/"
    Caller(owner).get(path).refused(404, "not_found")
    Caller(owner).put(f"connections/{created['id']}/notebooks/{notebook.id}/", {})
    answer = Caller(editor).get(path)
    schema = answer.shaped(connection_shapes.ConnectionSchema)
    assert schema["schemas"][0]["name"] == "public"
    deliveries = next(each for each in schema["schemas"][0]["tables"] if each["name"] == "deliveries")
    assert deliveries["columns"] == [
        {"name": "id", "written": "id", "type": "integer"},
        {"name": "placed_on", "written": "placed_on", "type": "date"},
    ]
    assert SECRET.encode() not in answer.content
    assert Caller(editor).get(path).json["as_of"] == schema["as_of"]
    assert Caller(editor).get(path, is_fresh="true").json["as_of"] > schema["as_of"]
    Caller(editor).get(path, is_fresh="perhaps").refused(400, "invalid")
    Caller(viewer).get(path).refused(403, "forbidden")
    Caller().get(path).refused(401, "unauthenticated")
