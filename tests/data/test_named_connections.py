"""Connections in notebook files: by name, and never more than that."""

import json
from typing import Any

from apps.accounts.actors import SYSTEM
from apps.data.commands import create_connection
from apps.data.connection_parts import Parts
from apps.data.models import Connection
from apps.data.named_connections import NamedConnections
from apps.notebooks.commands import duplicate_notebook, import_notebook
from apps.notebooks.exporting import export_ipynb
from apps.notebooks.models import Notebook
from tests.support.cast import Person, add_cell
from tests.support.elsewhere import SECRET, ask

URL = f"postgresql://analyst:{SECRET}@db.example.com:5432/shop"


def connection_of(person: Person, name: str = "shop") -> Connection:
    return create_connection(actor=person.actor, parts=Parts(name=name, url=URL))


def metadata_in(notebook: Notebook) -> list[Any]:
    return [cell["metadata"] for cell in json.loads(export_ipynb(notebook_id=notebook.id))["cells"]]


def test_a_file_has_the_name_and_nothing_else(owner: Person, notebook: Notebook) -> None:
    connection = connection_of(owner)
    ask(owner, add_cell(owner, notebook, "SELECT 1", kind="sql"), connection)
    content = export_ipynb(notebook_id=notebook.id)
    (said,) = metadata_in(notebook)
    assert said["tandem"]["connection"] == "shop"
    for hidden in (SECRET, "analyst", "db.example.com", str(connection.id), connection.id.hex):
        assert hidden.encode() not in content
    connection.notebooks.clear()
    assert "connection" not in metadata_in(notebook)[0]["tandem"]


def test_whoever_has_one_of_that_name_has_it_again(
    owner: Person, stranger: Person, notebook: Notebook
) -> None:
    ask(owner, add_cell(owner, notebook, "SELECT 1", kind="sql"), connection_of(owner))
    content = export_ipynb(notebook_id=notebook.id)
    theirs = connection_of(stranger)
    imported = import_notebook(actor=stranger.actor, content=content, filename="x.ipynb")
    assert imported.cells.get().connection_id == theirs.id
    assert list(theirs.notebooks.all()) == [imported]
    assert metadata_in(imported) == metadata_in(notebook)


def test_a_name_that_is_not_known_stays_for_the_next_file(
    owner: Person, stranger: Person, notebook: Notebook
) -> None:
    ask(owner, add_cell(owner, notebook, "SELECT 1", kind="sql"), connection_of(owner))
    content = export_ipynb(notebook_id=notebook.id)
    imported = import_notebook(actor=stranger.actor, content=content, filename="x.ipynb")
    assert imported.cells.get().connection_id is None
    assert metadata_in(imported) == metadata_in(notebook)
    # Another one that is chosen counts.
    ask(stranger, imported.cells.get(), connection_of(stranger, "theirs"))
    assert metadata_in(imported)[0]["tandem"]["connection"] == "theirs"


def test_a_copy_asks_what_its_owner_has(owner: Person, editor: Person, notebook: Notebook) -> None:
    connection = connection_of(owner)
    ask(owner, add_cell(owner, notebook, "SELECT 1", kind="sql"), connection)
    mine = duplicate_notebook(actor=owner.actor, notebook_id=notebook.id)
    assert mine.cells.get().connection_id == connection.id
    theirs = duplicate_notebook(actor=editor.actor, notebook_id=notebook.id)
    assert theirs.cells.get().connection_id is None
    assert set(connection.notebooks.all()) == {notebook, mine}


def test_what_is_no_name_stays_as_it_is(owner: Person) -> None:
    connection_of(owner)
    for kind, said in (("sql", ["shop"]), ("sql", ""), ("sql", "x" * 61), ("sql", 1), ("sheet", "shop")):
        metadata = {"tandem": {"kind": kind, "connection": said}}
        cell: dict[str, Any] = {
            "cell_type": "code",
            "metadata": metadata,
            "source": "",
            "outputs": [],
            "execution_count": None,
        }
        node = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}
        imported = import_notebook(actor=owner.actor, content=json.dumps(node).encode(), filename="x.ipynb")
        assert imported.cells.get().connection_id is None
        assert metadata_in(imported) == [metadata]


def test_only_a_person_has_connections(owner: Person, notebook: Notebook) -> None:
    connection = connection_of(owner)
    assert NamedConnections().share(SYSTEM, notebook.id, ["shop"]) == {}
    assert not connection.notebooks.exists()
