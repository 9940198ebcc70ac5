"""Taking, comparing and restoring checkpoints."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.base.errors import Forbidden, Invalid, NotFound, TooLarge
from apps.journal.models import AuditEntry
from apps.notebooks import checkpoints as module
from apps.notebooks.checkpoints import checkpoint_diff, checkpoints
from apps.notebooks.commands import (
    configure_cell,
    create_checkpoint,
    create_notebook,
    delete_cell,
    move_cell,
    restore_checkpoint,
)
from apps.notebooks.models import Cell, Checkpoint, Notebook
from apps.notebooks.positions import END, START
from tests.support.cast import Person, add_cell, write
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    return [add_cell(owner, notebook, name) for name in "abcd"]


@pytest.fixture
def checkpoint(owner: Person, notebook: Notebook, cells: list[Cell]) -> Checkpoint:
    return create_checkpoint(actor=owner.actor, notebook_id=notebook.id, name="Draft")


def change_everything(person: Person, notebook: Notebook, cells: list[Cell]) -> Cell:
    """Edit a, delete b, make c SQL, move d to the top and edit it, add one; the new cell."""
    place: dict[str, Any] = {"actor": person.actor, "notebook_id": notebook.id}
    write(person, cells[0], "a2")
    write(person, cells[1], "b2")
    delete_cell(**place, cell_id=cells[1].id)
    configure_cell(**place, cell_id=cells[2].id, kind="sql")
    move_cell(**place, cell_id=cells[3].id, after=START)
    write(person, cells[3], "d2")
    return add_cell(person, notebook, "new")


def differences(person: Person, notebook: Notebook, checkpoint: Checkpoint) -> list[dict[str, Any]]:
    return checkpoint_diff(actor=person.actor, notebook_id=notebook.id, checkpoint_id=checkpoint.id)


def restore(person: Person, notebook: Notebook, checkpoint: Checkpoint) -> None:
    restore_checkpoint(actor=person.actor, notebook_id=notebook.id, checkpoint_id=checkpoint.id)


def test_create(owner: Person, editor: Person, viewer: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook, events=1):
        create_checkpoint(actor=editor.actor, notebook_id=notebook.id, name="  Draft  one ")
    (listed,) = checkpoints(actor=viewer.actor, notebook_id=notebook.id)
    assert listed["created_at"]
    assert (listed["name"], listed["reason"], listed["cell_count"], listed["actor"]) == (
        "Draft one",
        "manual",
        4,
        editor.actor.as_json(),
    )


def test_refused(
    owner: Person,
    viewer: Person,
    stranger: Person,
    notebook: Notebook,
    cells: list[Cell],
    checkpoint: Checkpoint,
) -> None:
    write(owner, cells[0], "changed")
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Invalid, match="A name needs"):
            create_checkpoint(actor=owner.actor, notebook_id=notebook.id, name=" ")
        for person, error in ((viewer, Forbidden), (stranger, NotFound)):
            with pytest.raises(error):
                create_checkpoint(actor=person.actor, notebook_id=notebook.id, name="x")
            with pytest.raises(error):
                restore(person, notebook, checkpoint)
        with pytest.raises(NotFound):
            differences(stranger, notebook, checkpoint)
        with pytest.raises(NotFound):
            restore_checkpoint(actor=owner.actor, notebook_id=notebook.id, checkpoint_id=uuid4())


def test_one_of_another_notebook(owner: Person, stranger: Person, checkpoint: Checkpoint) -> None:
    other = create_notebook(actor=stranger.actor, title="Theirs")
    with pytest.raises(NotFound):
        differences(stranger, other, checkpoint)


def test_diff(
    owner: Person, viewer: Person, notebook: Notebook, cells: list[Cell], checkpoint: Checkpoint
) -> None:
    assert differences(viewer, notebook, checkpoint) == []
    new = change_everything(owner, notebook, cells)

    def text(source: str, kind: str = "python") -> dict[str, str]:
        return {"kind": kind, "source": source}

    a, b, c, d = (str(cell.id) for cell in cells)
    assert differences(viewer, notebook, checkpoint) == [
        {"cell_id": d, "change": "moved_and_changed", "before": text("d"), "after": text("d2")},
        {"cell_id": a, "change": "changed", "before": text("a"), "after": text("a2")},
        {"cell_id": b, "change": "removed", "before": text("b"), "after": None},
        {"cell_id": c, "change": "changed", "before": text("c"), "after": text("c", "sql")},
        {"cell_id": str(new.id), "change": "added", "before": None, "after": text("new")},
    ]


def test_a_cell_that_was_only_moved(
    owner: Person, notebook: Notebook, cells: list[Cell], checkpoint: Checkpoint
) -> None:
    move_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cells[3].id, after=START)
    assert [(each["cell_id"], each["change"]) for each in differences(owner, notebook, checkpoint)] == [
        (str(cells[3].id), "moved")
    ]


def test_restore(
    owner: Person, editor: Person, notebook: Notebook, cells: list[Cell], checkpoint: Checkpoint
) -> None:
    change_everything(owner, notebook, cells)
    with verified_replay(owner, notebook):
        restore(editor, notebook, checkpoint)
    assert [(cell.source, cell.kind) for cell in cells_of(notebook)] == [(name, "python") for name in "abcd"]
    assert differences(owner, notebook, checkpoint) == []
    cells[0].refresh_from_db()
    assert cells[0].version == 2

    before = Checkpoint.objects.filter(notebook=notebook).order_by("-created_at")[0]
    assert (before.reason, before.name) == ("restore", "Before restoring “Draft”")
    with verified_replay(owner, notebook):
        restore(owner, notebook, before)
    assert [(cell.source, cell.kind) for cell in cells_of(notebook)] == [
        ("d2", "python"),
        ("a2", "python"),
        ("c", "sql"),
        ("new", "python"),
    ]


def test_the_longest_name_and_restoring_again_and_again(
    owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    place: dict[str, Any] = {"actor": owner.actor, "notebook_id": notebook.id}
    named = create_checkpoint(**place, name="x" * 200)
    write(owner, cells[0], "changed")
    restore(owner, notebook, named)
    for _ in range(3):
        newest = Checkpoint.objects.filter(notebook=notebook).order_by("-created_at")[0]
        restore(owner, notebook, newest)
    assert cells_of(notebook)[0].source == "changed"
    assert checkpoints(**place)[0]["name"] == "Before restoring an earlier state again"


def test_restoring_what_is_there_changes_nothing(
    owner: Person, notebook: Notebook, checkpoint: Checkpoint
) -> None:
    with verified_replay(owner, notebook, events=0):
        restore(owner, notebook, checkpoint)


def test_cells_whose_places_are_taken_come_back(
    owner: Person, notebook: Notebook, cells: list[Cell], checkpoint: Checkpoint
) -> None:
    place: dict[str, Any] = {"actor": owner.actor, "notebook_id": notebook.id}
    # Both are deleted from the same place, and it is taken then.
    delete_cell(**place, cell_id=cells[3].id)
    move_cell(**place, cell_id=cells[0].id, after=END)
    delete_cell(**place, cell_id=cells[0].id)
    move_cell(**place, cell_id=cells[1].id, after=END)
    with verified_replay(owner, notebook):
        restore(owner, notebook, checkpoint)
    assert "".join(cell.source for cell in cells_of(notebook)) == "abcd"


def test_bringing_back_more_cells_takes_no_more_statements(owner: Person, notebook: Notebook) -> None:
    counts = set()
    for names in ("ab", "cdefgh"):
        cells = [add_cell(owner, notebook, name) for name in names]
        checkpoint = create_checkpoint(actor=owner.actor, notebook_id=notebook.id, name="All")
        for cell in cells:
            delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id)
        with verified_replay(owner, notebook), CaptureQueriesContext(connection) as statements:
            restore(owner, notebook, checkpoint)
        counts.add(len(statements))
    assert len(counts) == 1
    restored = AuditEntry.objects.filter(notebook_id=notebook.id, action="restore_cell")
    assert [entry.details["cell_id"] for entry in restored.order_by("id")[2:]] == [
        str(cell.id) for cell in cells
    ]


def test_no_room_for_what_was_deleted(
    owner: Person, notebook: Notebook, cells: list[Cell], checkpoint: Checkpoint, settings: LazySettings
) -> None:
    for cell in cells[:2]:
        delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id)
    settings.MAX_CELLS = 3
    with verified_replay(owner, notebook, events=0), pytest.raises(TooLarge, match="at most 3 cells"):
        restore(owner, notebook, checkpoint)
    settings.MAX_CELLS = 4
    restore(owner, notebook, checkpoint)
    assert len(cells_of(notebook)) == 4


def test_restored_at_once(
    owner: Person, notebook: Notebook, cells: list[Cell], checkpoint: Checkpoint
) -> None:
    change_everything(owner, notebook, cells)
    with verified_replay(owner, notebook):
        results = at_once(3, lambda number: restore(owner, notebook, checkpoint))
    assert results == [None, None, None]
    assert Checkpoint.objects.filter(notebook=notebook, reason="restore").count() == 1


def test_the_oldest_automatic_ones_go(
    owner: Person,
    notebook: Notebook,
    cells: list[Cell],
    checkpoint: Checkpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_AUTOMATIC", 2)
    for number in range(4):
        write(owner, cells[0], f"edit {number}")
        restore(owner, notebook, checkpoint)
    kept = Checkpoint.objects.filter(notebook=notebook).order_by("created_at")
    assert [each.reason for each in kept] == ["manual", "restore", "restore"]
