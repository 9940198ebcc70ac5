"""What a cell's text was, and who wrote it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from apps.base.errors import Invalid, NotFound
from apps.notebooks import history, texts
from apps.notebooks.commands import delete_cell
from apps.notebooks.history import cell_history, cell_version
from apps.notebooks.models import Cell, CellEdit, CellKeyframe, Notebook
from tests.support.cast import Person, push, write


def version(person: Person, cell: Cell, number: int) -> str:
    shown = cell_version(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, version=number)
    assert shown["version"] == number
    source: str = shown["source"]
    return source


def entries(person: Person, cell: Cell, before_version: int | None = None) -> list[dict[str, Any]]:
    shown = cell_history(
        actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, before_version=before_version
    )
    listed: list[dict[str, Any]] = shown["entries"]
    return listed


def test_every_version_can_be_read(owner: Person, viewer: Person, cell: Cell) -> None:
    sources = ["x = 1", "x = 12", "x = 2", "", "😀"]
    for source in sources[1:]:
        write(owner, cell, source)
    assert [version(viewer, cell, number) for number in range(5)] == sources


def test_far_from_the_beginning(owner: Person, cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "KEYFRAME_EVERY", 4)
    sources = ["x = 1"]
    for number in range(6):
        length = len(sources[-1])
        typed = ["a", str(number), "z"][: 1 + number % 3]
        changes = [[length + index, [0, text]] for index, text in enumerate(typed)]
        push(owner, cell, len(sources) - 1, *changes)
        for text in typed:
            sources.append(sources[-1] + text)
    keyframes = CellKeyframe.objects.filter(cell=cell).order_by("version")
    assert list(keyframes.values_list("version", "source")) == [
        (number, sources[number]) for number in range(0, 12, 4)
    ]
    assert [version(owner, cell, number) for number in range(len(sources))] == sources


def test_a_push_that_passes_several_keyframes_stores_the_newest(
    owner: Person, cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "KEYFRAME_EVERY", 4)
    push(owner, cell, 0, *([5 + number, [0, "+"]] for number in range(10)))
    keyframes = CellKeyframe.objects.filter(cell=cell).order_by("version")
    assert list(keyframes.values_list("version", "source")) == [(0, "x = 1"), (8, "x = 1++++++++")]


def test_a_deleted_cell_has_its_history(owner: Person, cell: Cell) -> None:
    write(owner, cell, "x = 2")
    delete_cell(actor=owner.actor, notebook_id=cell.notebook_id, cell_id=cell.id)
    assert version(owner, cell, 0) == "x = 1"
    assert len(entries(owner, cell)) == 1


def test_a_version_it_never_had(owner: Person, stranger: Person, cell: Cell) -> None:
    for number in (-1, 1, 2**40):
        with pytest.raises(Invalid, match="never had version"):
            version(owner, cell, number)
    with pytest.raises(NotFound):
        version(stranger, cell, 0)
    with pytest.raises(NotFound):
        entries(stranger, cell)


def test_before_there_were_keyframes(owner: Person, cell: Cell) -> None:
    write(owner, cell, "x = 2")
    write(owner, cell, "x = 3")
    CellKeyframe.objects.filter(cell=cell).update(version=1, source="x = 2")
    with pytest.raises(NotFound, match="does not go back to version 0"):
        version(owner, cell, 0)
    assert version(owner, cell, 1) == "x = 2"


def test_entries_are_series_of_one_author(owner: Person, editor: Person, cell: Cell) -> None:
    for person, source in ((owner, "a"), (owner, "b"), (editor, "c"), (owner, "d"), (owner, "e")):
        write(person, cell, source)
    CellEdit.objects.filter(cell=cell, version__lte=4).update(
        created_at=F("created_at") - timedelta(minutes=3)
    )
    shown = [
        (entry["actor"]["label"], entry["from_version"], entry["version"], entry["count"])
        for entry in entries(owner, cell)
    ]
    mine, theirs = owner.actor.label, editor.actor.label
    assert shown == [(mine, 4, 5, 1), (mine, 3, 4, 1), (theirs, 2, 3, 1), (mine, 0, 2, 2)]
    assert [entry["version"] for entry in entries(owner, cell, before_version=4)] == [3, 2]


def test_entries_come_in_pages(
    owner: Person, editor: Person, cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_ENTRIES", 2)
    for number in range(5):
        write((owner, editor)[number % 2], cell, str(number))
    pages, before = [], None
    while page := entries(owner, cell, before_version=before):
        pages.append([entry["version"] for entry in page])
        before = page[-1]["from_version"] + 1
    assert pages == [[5, 4], [3, 2], [1]]


def test_never_edited(owner: Person, notebook: Notebook, cell: Cell) -> None:
    assert entries(owner, cell) == []
    assert version(owner, cell, 0) == "x = 1"
