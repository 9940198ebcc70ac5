"""notebooks/import/ and notebooks/{id}/export/"""

import json
from typing import Any

import nbformat
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.api import responses
from apps.notebooks.models import Notebook
from tests.api.caller import BASE, Answer, Caller
from tests.support.cast import Person

REAL = settings.BASE_DIR.parent / "shared" / "notebooks" / "nbclient__tests__files__Factorials.ipynb"
CELL: dict[str, Any] = {
    "cell_type": "code",
    "id": "a",
    "metadata": {},
    "source": "1",
    "outputs": [],
    "execution_count": None,
}
FILE = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL]}


def upload(person: Person, content: bytes, name: str = "Sums.ipynb", **fields: Any) -> Answer:
    form = {"file": SimpleUploadedFile(name, content)} | fields
    return Answer(Caller(person).client.post(BASE + "notebooks/import/", form))


@pytest.mark.parametrize("content_type", ["application/json", "application/x-ipynb+json; charset=utf-8"])
def test_import_of_the_body(owner: Person, content_type: str) -> None:
    answer = Caller(owner).post("notebooks/import/?filename=Sums.ipynb", FILE, content_type=content_type)
    head = answer.shaped(responses.NotebookHead, 201)
    assert head["title"] == "Sums"
    assert Caller(owner).get(f"notebooks/{head['id']}/").json["cells"][0]["source"] == "1"


def test_import_of_a_form(owner: Person) -> None:
    head = upload(owner, REAL.read_bytes(), "Factorials.ipynb").shaped(responses.NotebookHead, 201)
    assert head["title"] == "Factorials"


def test_import_then_export(owner: Person) -> None:
    head = upload(owner, REAL.read_bytes(), 'Fac/"tö\nrials.ipynb').json
    answer = Caller(owner).get(f"notebooks/{head['id']}/export/", format="ipynb")
    assert answer.headers["Content-Type"] == "application/x-ipynb+json"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    original = nbformat.reads(REAL.read_bytes(), as_version=4)
    assert nbformat.reads(answer.content, as_version=4) == original


def test_a_broken_file_is_refused_with_the_place(owner: Person) -> None:
    broken = FILE | {"cells": [CELL, {"cell_type": "code"}]}
    for answer in (
        Caller(owner).post("notebooks/import/", broken),
        upload(owner, json.dumps(broken).encode()),
    ):
        error = answer.refused(400, "invalid")
        assert "cell 2" in error["message"]
        assert error["details"] == {"cell": 2}
    assert not Notebook.objects.filter(memberships__user=owner.user).exists()


def test_what_is_no_file_is_refused(owner: Person) -> None:
    caller = Caller(owner)
    assert "empty" in caller.post("notebooks/import/").refused(400, "invalid")["message"]
    assert "empty" in upload(owner, b"").refused(400, "invalid")["message"]
    caller.post("notebooks/import/", b"PK\x03\x04").refused(400, "invalid")
    caller.post("notebooks/import/", b"x", content_type="text/plain").refused(415, "unsupported_media_type")
    caller.post("notebooks/import/?name=x", FILE).refused(400, "invalid")
    error = upload(owner, b"{}", title="x").refused(400, "invalid")
    assert list(error["details"]["fields"]) == ["title"]
    error = Answer(caller.client.post(BASE + "notebooks/import/", {"notebook": "x"})).refused(400, "invalid")
    assert "file" in error["details"]["fields"] or "notebook" in error["details"]["fields"]
    form = "multipart/form-data; boundary=x"
    caller.post("notebooks/import/", b"not a form", content_type=form).refused(400, "invalid")
    caller.post("notebooks/import/", b"x", content_type="multipart/form-data").refused(400, "invalid")


def test_a_file_that_is_too_large_is_refused(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 2**20)
    for size in (2**20 + 1, 2**21):
        upload(owner, b" " * size).refused(413, "too_large")
        Caller(owner).post("notebooks/import/", b" " * size).refused(413, "too_large")


@pytest.mark.parametrize("wanted", ["py", "md", "html", "", "json", "api"])
def test_other_formats_are_refused_with_the_ones_there_are(
    owner: Person, notebook: Notebook, wanted: str
) -> None:
    error = Caller(owner).get(f"notebooks/{notebook.id}/export/", format=wanted).refused(400, "invalid")
    assert "ipynb" in error["message"] or "blank" in error["message"]


def test_roles(notebook: Notebook, viewer: Person, stranger: Person) -> None:
    path = f"notebooks/{notebook.id}/export/"
    assert Caller(viewer).get(path).json["nbformat"] == 4
    Caller(stranger).get(path).refused(404, "not_found")
    Caller(stranger).get(path, format="py").refused(404, "not_found")
    Caller().get(path).refused(401, "unauthenticated")
    Caller().post("notebooks/import/", FILE).refused(401, "unauthenticated")
