from typing import Any

import pytest
from django.conf import settings

from apps.base.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from apps.editing.changes import ChangeSet
from apps.journal.models import AuditEntry
from apps.journal.queries import events_since
from apps.notebooks.commands import Push, push_cells
from apps.notebooks.history import KEYFRAME_EVERY
from apps.notebooks.models import Cell, CellEdit, CellKeyframe, Notebook
from tests.support.cast import Person, add_cell, push
from tests.support.races import at_once
from tests.support.replay import verified_replay


def test_works(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        assert push(owner, cell, 0, [5, [0, "2"]], [6, [0, "", "y"]]) == 2
    cell.refresh_from_db()
    assert (cell.version, cell.source) == (2, "x = 12\ny")
    versions = CellEdit.objects.filter(cell=cell).order_by("version").values_list("version", "client_id")
    assert list(versions) == [(1, "tab"), (2, "tab")]


def test_stale_gets_what_it_missed(owner: Person, notebook: Notebook, cell: Cell) -> None:
    push(owner, cell, 0, [5, [0, "2"]], client_id="other tab")
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict) as caught:
        push(owner, cell, 0, [[0, "# "], 5])
    assert caught.value.details == {
        "version": 1,
        "updates": [{"version": 1, "client_id": "other tab", "changes": [5, [0, "2"]]}],
    }


def test_nothing_to_push(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        assert push(owner, cell, 0) == 0
        assert push(owner, cell, 0, [5]) == 0


def test_a_resend_is_applied_once(owner: Person, notebook: Notebook, cell: Cell) -> None:
    push(owner, cell, 0, [5, [0, "2"]], [6, [0, "3"]])
    with verified_replay(owner, notebook, events=0):
        assert push(owner, cell, 0, [5, [0, "2"]], [6, [0, "3"]]) == 2
        assert push(owner, cell, 0, [5, [0, "2"]]) == 1
    push(owner, cell, 2, [7, [0, "4"]], client_id="other tab")
    with verified_replay(owner, notebook, events=0):
        assert push(owner, cell, 0, [5, [0, "2"]], [6, [0, "3"]]) == 2


def test_a_resend_with_more_adds_the_rest(owner: Person, notebook: Notebook, cell: Cell) -> None:
    push(owner, cell, 0, [5, [0, "2"]])
    with verified_replay(owner, notebook, events=1):
        assert push(owner, cell, 0, [5, [0, "2"]], [6, [0, "3"]]) == 2
    cell.refresh_from_db()
    assert cell.source == "x = 123"


def test_many_that_change_nothing_come_with_one_that_does(
    owner: Person, notebook: Notebook, cell: Cell
) -> None:
    with verified_replay(owner, notebook, events=1):
        assert push(owner, cell, 0, *([[5]] * 1500), [5, [0, "2"]]) == 1501
    with verified_replay(owner, notebook, events=0), pytest.raises(TooLarge):
        push(owner, cell, 1501, *([[6, [0, "3"]]] * 1001))


def test_the_same_text_of_somebody_else_is_no_resend(owner: Person, notebook: Notebook, cell: Cell) -> None:
    push(owner, cell, 0, [5, [0, "2"]], client_id="other tab")
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict):
        push(owner, cell, 0, [5, [0, "2"]])


@pytest.mark.parametrize(
    "changes", ["x", [4], [[7]], [-1, 6], [5, [0, "a\nb"]], [5, [0, 1]], [True, 4], [5, [0, "\x00"]], [None]]
)
def test_malformed(owner: Person, notebook: Notebook, cell: Cell, changes: Any) -> None:
    with verified_replay(owner, notebook, events=0), pytest.raises(Invalid):
        push(owner, cell, 0, [5, [0, "2"]], changes)


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            push(viewer, cell, 0, [5, [0, "2"]])
        with pytest.raises(NotFound):
            push(stranger, cell, 0, [5, [0, "2"]])
        with pytest.raises(Invalid, match="never had version 7"):
            push(owner, cell, 7, [5, [0, "2"]])


def test_several_together(
    owner: Person, editor: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell
) -> None:
    """Each is stored or refused as if it came alone, after those before it."""
    other = add_cell(owner, notebook, "y")

    def typed(person: Person, version: int, *changes: Any, to: Cell = cell, by: str = "tab") -> Push:
        return Push(person.actor, to.id, version, by, list(changes))

    too_long = "#" * settings.MAX_SOURCE_CHARS
    pushes = [
        typed(stranger, 0, [5, [0, "no"]]),
        typed(owner, 0, [5, [0, "2"]]),
        typed(viewer, 1, [6, [0, "no"]]),
        typed(editor, 0, [5, [0, "3"]], by="another"),
        typed(editor, 1, [6, [0, too_long]], by="another"),
        typed(editor, 1, [9, [0, "?"]], by="another"),
        typed(editor, 1, [6, [0, "3"]], by="another"),
        typed(owner, 0, [1, [0, "1"]], to=other),
        typed(owner, 0, [5, [0, "2"]]),
    ]
    with verified_replay(owner, notebook, events=3):
        results = push_cells(notebook_id=notebook.id, pushes=pushes)
    kinds = [result if isinstance(result, int) else type(result) for result in results]
    assert kinds == [NotFound, 1, Forbidden, Conflict, TooLarge, Invalid, 2, 1, 1]
    cell.refresh_from_db()
    other.refresh_from_db()
    assert (cell.source, other.source) == ("x = 123", "y1")
    by_whom = [(owner, cell, 1), (editor, cell, 2), (owner, other, 1)]
    labels = [person.actor.label for person, _, _ in by_whom]
    assert [event["actor"]["label"] for event in (events_since(notebook.id, 0) or [])[-3:]] == labels
    edits = CellEdit.objects.filter(cell__in=[cell, other]).order_by("id")
    assert [(edit.actor_label, edit.cell_id, edit.version) for edit in edits] == [
        (person.actor.label, edited.id, version) for person, edited, version in by_whom
    ]
    audited = AuditEntry.objects.filter(notebook_id=notebook.id, action="edit_cell").order_by("id")
    assert [(entry.actor_id, entry.details) for entry in audited] == [
        (person.user.pk, {"cell_id": str(edited.id), "version": version})
        for person, edited, version in by_whom
    ]


def test_several_pass_a_keyframe(owner: Person, editor: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "")

    def typed(person: Person, first: int, last: int) -> Push:
        return Push(person.actor, cell.id, first, "tab", [[n, [0, "x"]][not n :] for n in range(first, last)])

    middle = KEYFRAME_EVERY - 2
    pushes = [
        typed(owner, 0, middle),
        typed(editor, middle, middle + 3),
        typed(owner, middle + 3, middle + 5),
    ]
    assert push_cells(notebook_id=notebook.id, pushes=pushes) == [middle, middle + 3, middle + 5]
    keyframes = CellKeyframe.objects.filter(cell=cell).order_by("version")
    assert list(keyframes.values_list("version", "source")) == [
        (0, ""),
        (KEYFRAME_EVERY, "x" * KEYFRAME_EVERY),
    ]


def test_what_each_of_several_missed(owner: Person, notebook: Notebook, cell: Cell) -> None:
    def typed(version: int, length: int, by: str) -> Push:
        return Push(owner.actor, cell.id, version, by, [[length, [0, by]]])

    push(owner, cell, 0, [5, [0, "a"]], [6, [0, "b"]], client_id="before")
    pushes = [typed(1, 6, "c"), typed(2, 7, "d"), typed(2, 7, "e"), typed(0, 5, "f"), typed(3, 8, "g")]
    results = push_cells(notebook_id=notebook.id, pushes=pushes)
    assert [result for result in results if isinstance(result, int)] == [3, 4]
    told = [result.details["updates"] for result in results if isinstance(result, Conflict)]
    a, b, d = [
        {"version": 1, "client_id": "before", "changes": [5, [0, "a"]]},
        {"version": 2, "client_id": "before", "changes": [6, [0, "b"]]},
        {"version": 3, "client_id": "d", "changes": [7, [0, "d"]]},
    ]
    assert told == [[b], [d], [a, b, d]]


def test_many_at_once_lose_nothing(owner: Person, notebook: Notebook, cell: Cell) -> None:
    def type_until_accepted(number: int) -> int:
        version, tries = 0, 0
        while True:
            tries += 1
            length = len(cell.source) + 2 * version
            try:
                push(owner, cell, version, [length, [0, f"#{number}"]], client_id=str(number))
            except Conflict as conflict:
                version = conflict.details["version"]
            else:
                return tries

    source = cell.source
    with verified_replay(owner, notebook, events=8):
        results = at_once(8, type_until_accepted)
    assert all(isinstance(tries, int) for tries in results)
    for edit in CellEdit.objects.filter(cell=cell).order_by("version"):
        source = ChangeSet.from_json(edit.changes).apply(source)
    cell.refresh_from_db()
    assert cell.source == source
    assert sorted(cell.source.removeprefix("x = 1").replace("#", "")) == sorted("01234567")
