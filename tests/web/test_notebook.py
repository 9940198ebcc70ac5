"""The notebook page as it comes from the server, and the download."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import nbformat
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client

from apps.execution.queries import snapshot
from apps.notebooks.commands import delete_notebook, import_notebook
from apps.notebooks.models import Cell, Notebook
from apps.web.notebook import FIRST_CELLS
from tests.support.cast import Person, add_cell, write
from tests.support.running import cells_of
from tests.web.conftest import Browse

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def path_of(notebook: Notebook) -> str:
    return f"/notebooks/{notebook.id}/"


def embedded_snapshot(page: str) -> Any:
    found = re.search(r'<script id="snapshot" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_who_may_see_it(
    browse: Browse, notebook: Notebook, owner: Person, editor: Person, viewer: Person, stranger: Person
) -> None:
    for person in (owner, editor, viewer):
        assert browse(person).get(path_of(notebook)).status_code == 200
    assert browse(stranger).get(path_of(notebook)).status_code == 404
    assert Client().get(path_of(notebook)).status_code == 302


def test_viewers_get_nothing_to_change_it_with(
    browse: Browse, notebook: Notebook, cell: Cell, editor: Person, viewer: Person
) -> None:
    for control in ('data-command="run-all"', 'data-action="delete"', 'data-command="append-python"'):
        assert control in browse(editor).get(path_of(notebook)).text
        assert control not in browse(viewer).get(path_of(notebook)).text
    assert "View only" in browse(viewer).get(path_of(notebook)).text


def test_it_is_drawn_after_two_stylesheets(browse: Browse, notebook: Notebook, owner: Person) -> None:
    page = browse(owner).get(path_of(notebook)).text
    head = page[: page.index("</head>")]
    links = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"([^>]*)>', head)
    names = [
        re.sub(r"\.[0-9a-f]{12}\.css$", ".css", path)
        for path, attributes in links
        if "print" not in attributes
    ]
    assert names == ["dist/site.css", "dist/notebook_page.css"]


def test_every_stylesheet_of_the_page_is_in_one_of_the_two() -> None:
    """A new component's file is easily forgotten: it is in a bundle, or a template asks for it by itself."""
    css, templates = settings.BASE_DIR / "static/css", settings.BASE_DIR / "templates"
    bundled = "".join(bundle.read_text() for bundle in (css / "bundles").iterdir())
    asked_for = "".join(template.read_text() for template in templates.rglob("*.html"))
    files = sorted(css.glob("*.css"))
    assert files
    for file in files:
        assert f'@import "../{file.name}";' in bundled or f"'css/{file.name}'" in asked_for, file.name


def test_cells_are_in_the_page_before_any_script_ran(
    browse: Browse, notebook: Notebook, owner: Person
) -> None:
    code = add_cell(owner, notebook, "\n\nif 1 < 2:\n    pass")
    add_cell(owner, notebook, "*emphasis* <script>alert(1)</script>", kind="markdown")
    page = browse(owner).get(path_of(notebook)).text
    assert f'id="cell-{code.id}"' in page
    # HTML drops one line feed after <pre>, so the template adds one.
    assert 'data-part="source">\n\n\nif 1 &lt; 2:\n    pass</pre>' in page
    assert "In [ ]:" in page
    assert "<em>emphasis</em>" in page
    assert "<script>alert" not in page
    assert "{#" not in page


def test_embeds_the_snapshot(browse: Browse, notebook: Notebook, cell: Cell, owner: Person) -> None:
    add_cell(owner, notebook, "</script><script>alert(1)</script>")
    shown = embedded_snapshot(browse(owner).get(path_of(notebook)).text)
    assert shown == json.loads(json.dumps(snapshot(actor=owner.actor, notebook_id=notebook.id)))


def test_attached_images_are_shown(browse: Browse, owner: Person) -> None:
    cell = nbformat.v4.new_markdown_cell("![dot](attachment:dot.png)")
    cell["attachments"] = {"dot.png": {"image/png": PIXEL}}
    content = nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()
    notebook = import_notebook(actor=owner.actor, content=content, filename="dot.ipynb")
    assert f"data:image/png;base64,{PIXEL}" in browse(owner).get(path_of(notebook)).text


def test_scripts_come_from_files_only(browse: Browse, notebook: Notebook, owner: Person) -> None:
    answer = browse(owner).get(path_of(notebook))
    policy = dict(each.split(maxsplit=1) for each in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", answer.text)
    assert inline == []


@pytest.mark.parametrize("title", ["Ünï/cøde ☃", '"quoted"\r\nX: y'])
def test_download(browse: Browse, owner: Person, viewer: Person, notebook: Notebook, title: str) -> None:
    Notebook.objects.filter(id=notebook.id).update(title=title)
    add_cell(owner, notebook, "x = 1")
    answer = browse(viewer).get(path_of(notebook) + "export/")
    assert nbformat.reads(answer.text, as_version=4).cells[0].source == "x = 1"
    assert re.fullmatch(r'attachment; filename="[\w-]+\.ipynb"', answer.headers["Content-Disposition"])


def test_download_by_a_stranger(browse: Browse, stranger: Person, notebook: Notebook) -> None:
    assert browse(stranger).get(path_of(notebook) + "export/").status_code == 404


def test_address_that_is_nothing(browse: Browse, owner: Person) -> None:
    answer = browse(owner).get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def long_notebook(owner: Person) -> Notebook:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": f"Part {number} <!--snapshot-->"}
        for number in range(FIRST_CELLS + 5)
    ]
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    return import_notebook(actor=owner.actor, content=json.dumps(content).encode())


@async_to_sync
async def page_in_parts(
    person: Person, notebook: Notebook, meanwhile: Callable[[], object]
) -> tuple[str, str]:
    """What comes at once, and, once `meanwhile` has happened, all of it."""
    client = AsyncClient()
    await client.aforce_login(person.user)
    response = cast(StreamingHttpResponse, await client.get(path_of(notebook)))
    assert response.streaming
    assert "no-cache" in response["Cache-Control"]
    assert "script-src" in response["Content-Security-Policy"]
    parts = aiter(response)
    first = (await anext(parts)).decode()
    await sync_to_async(meanwhile)()
    return first, first + "".join([part.decode() async for part in parts])


def test_of_a_long_notebook_the_first_cells_come_first(browse: Browse, owner: Person) -> None:
    notebook = long_notebook(owner)
    cell = cells_of(notebook)[0]
    first, page = page_in_parts(owner, notebook, lambda: write(owner, cell, "changed"))
    assert first.count("<tandem-cell ") == FIRST_CELLS + 1  # with the template of new ones
    assert f"Part {FIRST_CELLS - 1} " in first
    assert f"Part {FIRST_CELLS} " not in first
    # What changed since is in the snapshot.
    assert embedded_snapshot(page) == snapshot(actor=owner.actor, notebook_id=notebook.id)
    assert embedded_snapshot(page)["notebook"]["cells"][0]["source"] == "changed"
    assert page.rstrip().endswith("</html>")


def test_a_long_notebook_that_is_deleted_while_its_page_comes(owner: Person) -> None:
    notebook = long_notebook(owner)
    delete = partial(delete_notebook, actor=owner.actor, notebook_id=notebook.id)
    _, page = page_in_parts(owner, notebook, delete)
    assert embedded_snapshot(page) is None
