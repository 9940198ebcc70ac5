"""Large binary outputs are kept once, by their content, and come back whole."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.base.errors import NotFound
from apps.notebooks.commands import clear_outputs, delete_notebook, duplicate_notebook, import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.file_store import get_output_file_for, name_of, storage
from apps.notebooks.file_sweep import GRACE, sweep_files
from apps.notebooks.models import Cell, Notebook, Output, OutputFile
from apps.notebooks.output_files import LEAST_CHARS
from apps.notebooks.queries import stored_outputs
from tests.support.cast import Person

HOUR = GRACE + timedelta(seconds=1)


def content_of(seed: str) -> bytes:
    return (seed * LEAST_CHARS).encode()


def plain(content: bytes) -> str:
    return base64.b64encode(content).decode()


def file_with(*bundles: dict[str, Any]) -> bytes:
    outputs = [{"output_type": "display_data", "data": bundle, "metadata": {}} for bundle in bundles]
    cell = {
        "cell_type": "code",
        "id": "plot",
        "metadata": {},
        "source": "plot()",
        "execution_count": 1,
        "outputs": outputs,
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def imported(person: Person, *bundles: dict[str, Any]) -> Notebook:
    return import_notebook(actor=person.actor, content=file_with(*bundles))


def bundles_of(notebook: Notebook) -> list[dict[str, Any]]:
    return [output["data"] for output in stored_outputs(Cell.objects.get(notebook=notebook))]


def exported(notebook: Notebook) -> list[dict[str, Any]]:
    cell = json.loads(export_ipynb(notebook_id=notebook.id))["cells"][0]
    return [
        {kind: "".join(value) if isinstance(value, list) else value for kind, value in output["data"].items()}
        for output in cell["outputs"]
    ]


def test_the_row_has_a_reference_and_the_file_is_there_once(owner: Person) -> None:
    content = content_of("once")
    notebook = imported(
        owner, {"image/png": plain(content), "text/plain": "a"}, {"image/png": plain(content)}
    )
    first, second = bundles_of(notebook)
    assert first["text/plain"] == "a"
    assert first["image/png"] == second["image/png"]
    assert first["image/png"].keys() == {"sha256", "size_bytes", "layout"}
    assert first["image/png"]["size_bytes"] == len(content)
    file, kept = get_output_file_for(
        actor=owner.actor, notebook_id=notebook.id, sha256=first["image/png"]["sha256"]
    )
    assert (file.media_type, kept) == ("image/png", content)
    assert OutputFile.objects.filter(notebook=notebook).count() == 1


@pytest.mark.parametrize(
    "written",
    [
        plain(content_of("plain")),
        plain(content_of("ending")) + "\n",
        base64.encodebytes(content_of("lines")).decode(),
        base64.encodebytes(content_of("other lines")).decode().replace("\n", "\r\n"),
        "no base64 " * LEAST_CHARS,
    ],
    ids=["plain", "with end", "in lines", "in lines of another kind", "no base64"],
)
def test_what_is_exported_is_what_was_imported(owner: Person, written: str) -> None:
    bundle = {"image/png": written, "text/plain": "a"}
    assert exported(imported(owner, bundle)) == [bundle]


@pytest.mark.parametrize("kind", ["text/plain", "image/svg+xml", "application/javascript"])
def test_text_stays_in_the_row(owner: Person, kind: str) -> None:
    bundle = {kind: plain(content_of("text"))}
    assert bundles_of(imported(owner, bundle)) == [bundle]


def test_small_data_stays_in_the_row(owner: Person) -> None:
    bundle = {"image/png": plain(b"small")}
    assert bundles_of(imported(owner, bundle)) == [bundle]


def test_a_copy_has_the_files_of_its_original(owner: Person) -> None:
    bundle = {"image/png": plain(content_of("copied"))}
    original = imported(owner, bundle)
    copy = duplicate_notebook(actor=owner.actor, notebook_id=original.id)
    assert bundles_of(copy) == bundles_of(original)
    clear_outputs(actor=owner.actor, notebook_id=original.id)
    for hours in range(1, 4):
        sweep_files(timezone.now() + hours * HOUR)
    assert exported(copy) == [bundle]


def test_a_reference_gives_no_access_to_the_file_of_another_notebook(
    owner: Person, stranger: Person, notebook: Notebook
) -> None:
    secret = imported(stranger, {"image/png": plain(content_of("secret"))})
    (bundle,) = bundles_of(secret)
    # Code in a cell can write down any reference.
    cell = Cell.objects.create(notebook=notebook, kind="python", order_key="a0")
    Output.objects.create(cell=cell, position=0, body={"output_type": "display_data", "data": bundle})
    with pytest.raises(NotFound):
        get_output_file_for(actor=owner.actor, notebook_id=notebook.id, sha256=bundle["image/png"]["sha256"])
    assert list(exported(notebook)[0]) == ["text/plain"]


def test_a_lost_file_is_told_in_the_export(owner: Person) -> None:
    notebook = imported(owner, {"image/png": plain(content_of("lost"))})
    (bundle,) = bundles_of(notebook)
    storage().delete(name_of(bundle["image/png"]["sha256"]))
    assert exported(notebook) == [{"text/plain": "[image/png is missing: its file is not there any more.]"}]


def test_a_file_that_was_half_written_is_written_again(owner: Person) -> None:
    content = content_of("half")
    (bundle,) = bundles_of(imported(owner, {"image/png": plain(content)}))
    with open(storage().path(name_of(bundle["image/png"]["sha256"])), "wb") as file:
        file.write(content[:100])
    assert exported(imported(owner, {"image/png": plain(content)})) == [{"image/png": plain(content)}]


def test_a_storage_that_fails_costs_no_output(owner: Person, settings: Any, tmp_path: Any) -> None:
    (tmp_path / "file").write_text("")
    broken = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "file" / "folder")},
    }
    settings.STORAGES = settings.STORAGES | {"outputs": broken}
    bundle = {"image/png": plain(content_of("failing"))}
    notebook = imported(owner, bundle)
    assert bundles_of(notebook) == [bundle]
    assert not OutputFile.objects.filter(notebook=notebook).exists()


def test_what_no_output_refers_to_is_removed_after_a_while(owner: Person) -> None:
    notebook = imported(owner, {"image/png": plain(content_of("garbage"))})
    sha256 = bundles_of(notebook)[0]["image/png"]["sha256"]
    clear_outputs(actor=owner.actor, notebook_id=notebook.id)
    sweep_files()
    sweep_files(timezone.now() + HOUR)
    assert storage().exists(name_of(sha256))  # it is only noticed
    sweep_files(timezone.now() + 2 * HOUR)
    assert not storage().exists(name_of(sha256))
    assert not OutputFile.objects.filter(sha256=sha256).exists()


def test_what_somebody_may_bring_back_is_kept(owner: Person) -> None:
    bundle = {"image/png": plain(content_of("trash"))}
    notebook = imported(owner, bundle)
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    for hours in range(1, 5):
        sweep_files(timezone.now() + hours * HOUR)
    assert storage().exists(name_of(bundles_of(notebook)[0]["image/png"]["sha256"]))


def test_what_is_put_out_again_is_not_removed(owner: Person) -> None:
    bundle = {"image/png": plain(content_of("again"))}
    notebook = imported(owner, bundle)
    clear_outputs(actor=owner.actor, notebook_id=notebook.id)
    sweep_files(timezone.now() + HOUR)
    again = imported(owner, bundle)
    for hours in range(2, 5):
        sweep_files(timezone.now() + hours * HOUR)
    assert exported(again) == [bundle]
    assert not OutputFile.objects.filter(notebook=notebook).exists()
