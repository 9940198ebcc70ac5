"""Deleted notebooks come back with everything; copies; tags."""

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound
from apps.execution.queries import snapshot
from apps.journal.models import AuditEntry
from apps.journal.queries import events_since
from apps.notebooks.commands import (
    delete_notebook,
    duplicate_notebook,
    restore_notebook,
    tag_notebook,
)
from apps.notebooks.models import Cell, Notebook, Output
from apps.notebooks.queries import deleted_notebooks, notebooks_for, tags_for
from tests.support.cast import Person, add_cell
from tests.support.replay import verified_replay


def test_it_comes_back_as_it_was(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    before = snapshot(actor=owner.actor, notebook_id=notebook.id)["notebook"]
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    assert [each.id for each in deleted_notebooks(actor=owner.actor)] == [notebook.id]
    assert restore_notebook(actor=owner.actor, notebook_id=notebook.id).id == notebook.id
    after = snapshot(actor=editor.actor, notebook_id=notebook.id)["notebook"]
    assert after | {"seq": None} == before | {"seq": None}
    told = [frame["event"]["type"] for frame in events_since(notebook.id, before["seq"]) or []]
    assert told == ["notebook_deleted", "notebook_restored"]
    assert AuditEntry.objects.filter(action="restore_notebook", notebook_id=notebook.id).count() == 1
    assert deleted_notebooks(actor=owner.actor) == []


def test_restoring_what_is_there_does_nothing(owner: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=0):
        restore_notebook(actor=owner.actor, notebook_id=notebook.id)


def test_only_owners_see_the_trash_and_restore(
    owner: Person, editor: Person, stranger: Person, notebook: Notebook
) -> None:
    with pytest.raises(Forbidden):
        restore_notebook(actor=editor.actor, notebook_id=notebook.id)
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    for person in (editor, stranger):
        assert deleted_notebooks(actor=person.actor) == []
        with pytest.raises(NotFound):
            restore_notebook(actor=person.actor, notebook_id=notebook.id)


def test_a_copy_has_cells_and_outputs_and_an_owner_of_its_own(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell
) -> None:
    Output.objects.create(cell=cell, position=0, body={"output_type": "stream", "name": "stdout"}, text="hi")
    add_cell(owner, notebook, "select 1", kind="sql")
    tag_notebook(actor=owner.actor, notebook_id=notebook.id, tags=["work"])
    copy = duplicate_notebook(actor=viewer.actor, notebook_id=notebook.id)
    shown = snapshot(actor=viewer.actor, notebook_id=copy.id)
    assert (shown["role"], shown["notebook"]["title"], copy.tags) == ("owner", "Copy of A notebook", ["work"])
    assert [(each["kind"], each["source"]) for each in shown["notebook"]["cells"]] == [
        ("python", "x = 1"),
        ("sql", "select 1"),
    ]
    assert shown["notebook"]["cells"][0]["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": "hi"}
    ]
    with pytest.raises(NotFound):
        snapshot(actor=owner.actor, notebook_id=copy.id)
    with pytest.raises(NotFound):
        duplicate_notebook(actor=stranger.actor, notebook_id=notebook.id)


def test_tags(owner: Person, editor: Person, viewer: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=1):
        tag_notebook(actor=editor.actor, notebook_id=notebook.id, tags=[" deep  learning ", "a", "a"])
    with verified_replay(owner, notebook, events=0):
        tag_notebook(actor=editor.actor, notebook_id=notebook.id, tags=["deep learning", "a"])
    assert tags_for(actor=viewer.actor) == ["a", "deep learning"]
    assert len(notebooks_for(actor=viewer.actor, tag="deep learning")) == 1
    assert notebooks_for(actor=viewer.actor, tag="deep") == []
    for tags in ([""], ["x" * 41], ["a,b"], ["\x00"], [str(n) for n in range(21)]):
        with pytest.raises(Invalid):
            tag_notebook(actor=owner.actor, notebook_id=notebook.id, tags=tags)
    with pytest.raises(Forbidden):
        tag_notebook(actor=viewer.actor, notebook_id=notebook.id, tags=[])
