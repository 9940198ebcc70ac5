"""The list of notebooks and its forms."""

import json
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess
from tests.support.replay import verified_replay
from tests.support.running import run_and_wait
from tests.web.conftest import Browse

IPYNB = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# Hello"}],
}


def upload(content: bytes, name: str = "hello.ipynb") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


def title_of(notebook: Notebook) -> str:
    return Notebook.objects.get(id=notebook.id).title


def test_shows_ones_own_notebooks_with_role(
    browse: Browse, notebook: Notebook, owner: Person, viewer: Person, stranger: Person
) -> None:
    page = browse(owner).get("/").text
    assert f"/notebooks/{notebook.id}/delete/" in page
    page = browse(viewer).get("/").text
    assert 'data-role="viewer"' in page
    assert f"/notebooks/{notebook.id}/rename/" not in page
    assert str(notebook.id) not in browse(stranger).get("/").text


def test_empty_list_teaches(browse: Browse, stranger: Person) -> None:
    assert "Your first notebook" in browse(stranger).get("/").text


def test_search(browse: Browse, owner: Person) -> None:
    create_notebook(actor=owner.actor, title="Apples")
    create_notebook(actor=owner.actor, title="<Pears>")
    page = browse(owner).get("/", {"q": "apple"}).text
    assert "Apples" in page
    assert "Pears" not in page
    assert "&lt;Pears&gt;" in browse(owner).get("/", {"q": "pear"}).text
    assert "Nothing was found for" in browse(owner).get("/", {"q": "plums"}).text


def test_create(browse: Browse, owner: Person) -> None:
    client = browse(owner)
    answer = client.post("/notebooks/create/")
    assert client.get(answer.headers["Location"]).status_code == 200


def test_import(browse: Browse, owner: Person) -> None:
    client = browse(owner)
    answer = client.post("/notebooks/import/", upload(json.dumps(IPYNB).encode()))
    page = client.get(answer.headers["Location"]).text
    assert "hello · Tandem" in page
    assert "<h1>Hello</h1>" in page


@pytest.mark.parametrize(("content", "says"), [(b"{}", "nbformat"), (b"", "empty"), (b"\xff\xfe", "JSON")])
def test_import_of_something_else_says_what_is_wrong(
    browse: Browse, owner: Person, content: bytes, says: str
) -> None:
    client = browse(owner)
    count = Notebook.objects.count()
    page = client.post("/notebooks/import/", upload(content), follow=True).text
    assert 'data-tone="error"' in page
    assert says in page
    assert Notebook.objects.count() == count


def test_import_without_a_file(browse: Browse, owner: Person) -> None:
    page = browse(owner).post("/notebooks/import/", follow=True).text
    assert "Choose a notebook file" in page


def test_rename(browse: Browse, notebook: Notebook, editor: Person, viewer: Person, stranger: Person) -> None:
    path = f"/notebooks/{notebook.id}/rename/"
    assert browse(viewer).post(path, {"title": "x"}).status_code == 403
    assert browse(stranger).post(path, {"title": "x"}).status_code == 404
    assert "1 to 200" in browse(editor).post(path, {"title": " "}, follow=True).text
    assert title_of(notebook) == "A notebook"
    browse(editor).post(path, {"title": "Renamed"})
    assert title_of(notebook) == "Renamed"


def test_delete(
    browse: Browse, notebook: Notebook, cell: Cell, owner: Person, editor: Person, stranger: Person
) -> None:
    path = f"/notebooks/{notebook.id}/delete/"
    assert browse(editor).post(path).status_code == 403
    assert browse(stranger).post(path).status_code == 404
    assert browse(owner).get(path).status_code == 405
    page = browse(owner).post(path, follow=True).text
    assert "in the trash" in page
    assert browse(owner).get(f"/notebooks/{notebook.id}/").status_code == 404


def test_the_order_in_which_one_opened_them(
    browse: Browse, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    others = [create_notebook(actor=owner.actor, title=title) for title in ("Zebra", "Yak", "Xerus")]
    client = browse(owner)
    for opened in (others[1], notebook, others[0], others[1]):
        assert client.get(f"/notebooks/{opened.id}/").status_code == 200
    page = client.get("/", {"sort": "opened"}).text
    places = [page.index(f"/notebooks/{each.id}/") for each in (others[1], others[0], notebook, others[2])]
    assert places == sorted(places)
    assert page.count("opened just now") == 3
    assert page.count("never opened") == 1
    found = client.get("/", {"sort": "opened", "q": "Yak"}).text
    assert str(others[1].id) in found
    assert str(others[0].id) not in found
    # When others open it is their affair.
    assert "never opened" in browse(viewer).get("/", {"sort": "opened"}).text


def test_to_open_a_notebook_changes_nothing_of_it(browse: Browse, owner: Person, notebook: Notebook) -> None:
    before = Notebook.objects.filter(id=notebook.id).values().get()
    with verified_replay(owner, notebook, events=0):
        browse(owner).get(f"/notebooks/{notebook.id}/")
    assert Notebook.objects.filter(id=notebook.id).values().get() == before


def test_the_text_of_cells_is_found_and_linked(browse: Browse, notebook: Notebook, owner: Person) -> None:
    cell = add_cell(owner, notebook, "import pandas\nframe = pandas.read_csv('<sales>.csv')")
    page = browse(owner).get("/", {"q": "READ_CSV sales"}).text
    assert f"/notebooks/{notebook.id}/#cell-{cell.id}" in page
    assert "pandas.read_csv(&#x27;&lt;sales&gt;.csv&#x27;)" in page
    assert str(notebook.id) not in browse(owner).get("/", {"q": "read_csv profits"}).text


def test_order_and_tags(browse: Browse, owner: Person, viewer: Person, notebook: Notebook) -> None:
    create_notebook(actor=owner.actor, title="Zebra")
    client = browse(owner)
    page = client.get("/", {"sort": "title"}).text
    assert page.index(notebook.title) < page.index("Zebra")
    page = client.get("/", {"sort": "created"}).text
    assert page.index("Zebra") < page.index(f"/notebooks/{notebook.id}/")
    assert client.get("/", {"sort": "odd"}).status_code == 200
    client.post(f"/notebooks/{notebook.id}/tags/", {"tags": "work, <b>, , work"})
    assert Notebook.objects.get(id=notebook.id).tags == ["work", "<b>"]
    page = client.get("/", {"tag": "<b>", "sort": "title", "q": notebook.title}).text
    assert "&lt;b&gt;" in page
    assert (
        f'href="?{urlencode({"tag": "work", "sort": "title", "q": notebook.title}).replace("&", "&amp;")}"'
        in page
    )
    assert f'href="?{urlencode({"sort": "title", "q": notebook.title}).replace("&", "&amp;")}"' in page
    assert "Zebra" not in page
    assert browse(viewer).post(f"/notebooks/{notebook.id}/tags/", {"tags": "x"}).status_code == 403


def test_duplicate(browse: Browse, viewer: Person, notebook: Notebook, cell: Cell) -> None:
    client = browse(viewer)
    answer = client.post(f"/notebooks/{notebook.id}/duplicate/")
    assert f"Copy of {notebook.title}" in client.get(answer.headers["Location"]).text


def test_the_trash(browse: Browse, owner: Person, editor: Person, notebook: Notebook) -> None:
    client = browse(owner)
    client.post(f"/notebooks/{notebook.id}/delete/")
    assert "Trash (1)" in client.get("/").text
    assert notebook.title in client.get("/trash/").text
    assert notebook.title not in browse(editor).get("/trash/").text
    assert browse(editor).post(f"/notebooks/{notebook.id}/restore/").status_code == 404
    client.post(f"/notebooks/{notebook.id}/restore/")
    assert "The trash is empty" in client.get("/trash/").text
    assert str(notebook.id) in browse(editor).get("/").text


def test_a_kernel_that_is_on(
    browse: Browse, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    run_and_wait(owner, notebook, "cell", add_cell(owner, notebook, "1"))
    other = create_notebook(actor=owner.actor, title="Quiet")
    assert "kernel on" in browse(owner).get("/").text
    page = browse(owner).get("/", {"kernel": "on"}).text
    assert str(notebook.id) in page
    assert str(other.id) not in page
