"""notebooks/ and notebooks/{id}/"""

from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Membership, Role
from apps.api import responses
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Cell, Notebook, Output
from tests.api.caller import Caller
from tests.support.cast import Person

NOBODYS_ID = "0192f0c4-7c1e-7d3a-9f51-2d6c8a4b7e10"


def test_create(owner: Person) -> None:
    head = Caller(owner).post("notebooks/", {"title": " A  title "}).shaped(responses.NotebookHead, 201)
    notebook = Notebook.objects.get(id=head["id"])
    assert (notebook.title, head["title"], head["seq"]) == ("A title", "A title", 1)
    assert notebook.memberships.get().user == owner.user
    assert notebook.events.get().actor_label == f"{owner.user.username} (tests)"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": 5}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "a", "titel": "b"}, "titel"),
        ([], "non_field_errors"),
        ("a", "non_field_errors"),
    ],
)
def test_create_says_which_field_is_wrong(owner: Person, body: Any, field: str) -> None:
    error = Caller(owner).post("notebooks/", body).refused(400, "invalid")
    assert field in error["details"]["fields"]


@pytest.mark.parametrize("title", [" \n ", "x" * 201])
def test_create_checks_the_title(owner: Person, title: str) -> None:
    assert Caller(owner).post("notebooks/", {"title": title}).refused(400, "invalid")["details"] == {
        "field": "title"
    }


def test_list_has_what_is_shared_with_you(
    owner: Person, notebook: Notebook, cell: Cell, viewer: Person
) -> None:
    other = create_notebook(actor=owner.actor, title="Another")
    listed = Caller(owner).get("notebooks/").shaped(responses.NotebookList)["notebooks"]
    assert [item["id"] for item in listed] == [str(other.id), str(notebook.id)]
    assert (listed[1]["cell_count"], listed[1]["role"]) == (1, Role.OWNER)
    seen = Caller(viewer).get("notebooks/").json["notebooks"]
    assert [(item["id"], item["role"]) for item in seen] == [(str(notebook.id), Role.VIEWER)]


def test_list_searches_titles(owner: Person) -> None:
    for title in ("Sums of 100%", "Sums", "Else"):
        create_notebook(actor=owner.actor, title=title)
    caller = Caller(owner)

    def found(search: str) -> list[str]:
        return [item["title"] for item in caller.get("notebooks/", search=search).json["notebooks"]]

    assert found("sUM") == ["Sums", "Sums of 100%"]
    assert found("0%") == ["Sums of 100%"]
    assert found("nothing") == []
    caller.get("notebooks/", serach="x").refused(400, "invalid")
    caller.get("notebooks/", search="\x00").refused(400, "invalid")


def test_get_is_the_snapshot(viewer: Person, notebook: Notebook, cell: Cell) -> None:
    Output.objects.create(cell=cell, position=0, body={"output_type": "stream", "name": "stdout"}, text="a")
    shown = Caller(viewer).get(f"notebooks/{notebook.id}/").shaped(responses.Notebook)
    assert (shown["title"], shown["role"], shown["seq"]) == (notebook.title, Role.VIEWER, 2)
    assert shown["cells"][0]["source"] == "x = 1"
    assert shown["cells"][0]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "a"}]


def test_get_shows_numbers_of_any_size(owner: Person, notebook: Notebook, cell: Cell) -> None:
    body = {"output_type": "display_data", "metadata": {}, "data": {"application/json": [2**70, 1e300]}}
    Output.objects.create(cell=cell, position=0, body=body)
    answer = Caller(owner).get(f"notebooks/{notebook.id}/")
    assert answer.status == 200
    assert str(2**70).encode() in answer.content


def test_rename(editor: Person, notebook: Notebook) -> None:
    caller = Caller(editor)
    head = caller.patch(f"notebooks/{notebook.id}/", {"title": "New"}).shaped(responses.NotebookHead)
    assert (head["title"], head["seq"]) == ("New", 2)
    assert caller.patch(f"notebooks/{notebook.id}/", {"title": "New"}).json["seq"] == 2
    caller.patch(f"notebooks/{notebook.id}/", {"name": "New"}).refused(400, "invalid")


def test_change_of_the_mode(editor: Person, notebook: Notebook) -> None:
    path = f"notebooks/{notebook.id}/"
    caller = Caller(editor)
    assert caller.get(path).json["mode"] == "auto"
    head = caller.patch(path, {"mode": "lazy"}).shaped(responses.NotebookHead)
    assert (head["mode"], head["title"], head["seq"]) == ("lazy", "A notebook", 2)
    assert caller.patch(path, {"mode": "lazy"}).json["seq"] == 2
    assert caller.get(path).shaped(responses.Notebook)["mode"] == "lazy"


@pytest.mark.parametrize(
    "body", [{}, {"mode": "eager"}, {"mode": None}, {"mode": ""}, {"title": "New", "mode": "lazy"}]
)
def test_a_malformed_change_changes_nothing(editor: Person, notebook: Notebook, body: Any) -> None:
    Caller(editor).patch(f"notebooks/{notebook.id}/", body).refused(400, "invalid")
    notebook.refresh_from_db()
    assert (notebook.title, notebook.mode, notebook.seq) == ("A notebook", "auto", 1)


def test_delete(owner: Person, notebook: Notebook, viewer: Person) -> None:
    answer = Caller(owner).delete(f"notebooks/{notebook.id}/")
    assert (answer.status, answer.content) == (204, b"")
    for person in (owner, viewer):
        Caller(person).get(f"notebooks/{notebook.id}/").refused(404, "not_found")
        assert Caller(person).get("notebooks/").json["notebooks"] == []


def test_roles(notebook: Notebook, editor: Person, viewer: Person, stranger: Person) -> None:
    path = f"notebooks/{notebook.id}/"
    Caller(stranger).get(path).refused(404, "not_found")
    for change in ({"title": "x"}, {"mode": "lazy"}):
        Caller(stranger).patch(path, change).refused(404, "not_found")
        Caller(viewer).patch(path, change).refused(403, "forbidden")
    Caller(stranger).delete(path).refused(404, "not_found")
    Caller(viewer).delete(path).refused(403, "forbidden")
    Caller(editor).delete(path).refused(403, "forbidden")
    for answer in (Caller().get("notebooks/"), Caller().get(path), Caller().delete(path)):
        answer.refused(401, "unauthenticated")
    notebook.refresh_from_db()
    assert (notebook.title, notebook.mode, notebook.deleted_at) == ("A notebook", "auto", None)


@pytest.mark.parametrize("notebook_id", ["1", "x", "None", NOBODYS_ID, f"{NOBODYS_ID}x", "%00"])
def test_ids_that_are_none(owner: Person, notebook_id: str) -> None:
    Caller(owner).get(f"notebooks/{notebook_id}/").refused(404, "not_found")


def test_search_tags_and_order(owner: Person, notebook: Notebook, cell: Cell) -> None:
    create_notebook(actor=owner.actor, title="Another")
    caller = Caller(owner)
    caller.patch(f"notebooks/{notebook.id}/", {"tags": ["work"]}).shaped(responses.NotebookHead)
    (item,) = caller.get("notebooks/", search="x").shaped(responses.NotebookList)["notebooks"]
    assert (item["tags"], item["found"]) == (["work"], {"cell_id": str(cell.id), "line": "x = 1"})
    listed = caller.get("notebooks/", tag="work").json["notebooks"]
    assert [each["id"] for each in listed] == [str(notebook.id)]
    listed = caller.get("notebooks/", sort="title").json["notebooks"]
    assert [each["title"] for each in listed] == ["A notebook", "Another"]
    Membership.objects.filter(notebook=notebook).update(opened_at=timezone.now())
    listed = caller.get("notebooks/", sort="opened").shaped(responses.NotebookList)["notebooks"]
    assert [bool(each["opened_at"]) for each in listed] == [True, False]
    caller.get("notebooks/", sort="odd").refused(400, "invalid")
    caller.patch(f"notebooks/{notebook.id}/", {"tags": ["a,b"]}).refused(400, "invalid")


def test_trash_and_duplicate(owner: Person, viewer: Person, notebook: Notebook, cell: Cell) -> None:
    caller = Caller(owner)
    copy = caller.post(f"notebooks/{notebook.id}/duplicate/").shaped(responses.NotebookHead, 201)
    assert copy["title"] == "Copy of A notebook"
    caller.delete(f"notebooks/{notebook.id}/")
    (item,) = caller.get("notebooks/trash/").shaped(responses.DeletedNotebookList)["notebooks"]
    assert (item["id"], item["cell_count"]) == (str(notebook.id), 1)
    Caller(viewer).post(f"notebooks/{notebook.id}/restore/").refused(404, "not_found")
    caller.post(f"notebooks/{notebook.id}/restore/").shaped(responses.NotebookHead)
    assert caller.get("notebooks/trash/").json == {"notebooks": []}
