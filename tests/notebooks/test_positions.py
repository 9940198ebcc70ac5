"""Order keys never run out, and putting cells in order moves as few as possible."""

from uuid import UUID, uuid4

import pytest
from django.db import transaction
from fractional_indexing import generate_n_keys_between
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Role
from apps.notebooks import positions
from apps.notebooks.commands import create_cell, move_cell
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import arrange, keys_near, unmoved
from tests.support.cast import Person, add_cell
from tests.support.replay import verified_replay
from tests.support.running import cells_of

IDS = [uuid4() for _ in range(8)]


def test_keys_stay_short(
    owner: Person, notebook: Notebook, cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "MAX_KEY_CHARS", 4)
    wanted = ["x = 1"]
    with verified_replay(owner, notebook):
        for number in range(60):
            create_cell(
                actor=owner.actor,
                notebook_id=notebook.id,
                kind="python",
                source=str(number),
                after=cell.id,
            )
            wanted.insert(1, str(number))
    assert [each.source for each in cells_of(notebook)] == wanted
    assert all(len(each.order_key) <= 4 for each in cells_of(notebook))


def test_a_move_finds_room_too(owner: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [add_cell(owner, notebook, name) for name in "abc"]
    monkeypatch.setattr(positions, "MAX_KEY_CHARS", 4)
    with verified_replay(owner, notebook):
        for number in range(40):
            mover = cells[1 + number % 2]
            move_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=mover.id, after=cells[0].id)
    assert [each.source for each in cells_of(notebook)] == ["a", "c", "b"]


@given(st.permutations(range(6)), st.integers(0, 6))
def test_unmoved_keeps_the_most(after: list[int], missing: int) -> None:
    wanted = [IDS[number] for number in after if number != missing]
    staying = unmoved(IDS, wanted)
    assert [cell_id for cell_id in IDS if cell_id in staying] == [
        cell_id for cell_id in wanted if cell_id in staying
    ]
    assert len(staying) == _longest_increasing([IDS.index(cell_id) for cell_id in wanted])


@given(st.lists(st.integers(0, 7), unique=True), st.lists(st.integers(0, 7)))
def test_keys_near(taken: list[int], wanted: list[int]) -> None:
    keys = generate_n_keys_between(None, None, 8)
    near = keys_near([keys[number] for number in taken], [keys[number] for number in wanted])
    everyone = [keys[number] for number in taken] + near
    assert len(set(everyone)) == len(everyone)
    places = {keys[number] for number in [*taken, *wanted]}
    assert places <= set(everyone)
    for key, number in zip(near, wanted, strict=True):
        assert max(place for place in places if place <= key) == keys[number]


@pytest.mark.parametrize(
    ("wanted", "moves"), [("abcdef", 0), ("bcdefa", 1), ("abdcef", 1), ("fedcba", 5), ("defabc", 3)]
)
def test_arrange(owner: Person, notebook: Notebook, wanted: str, moves: int) -> None:
    cells = {name: add_cell(owner, notebook, name) for name in "abcdef"}
    with verified_replay(owner, notebook, events=moves):
        _arrange(owner, notebook, [cells[name].id for name in wanted])
    assert "".join(each.source for each in cells_of(notebook)) == wanted


@transaction.atomic
def _arrange(person: Person, notebook: Notebook, wanted: list[UUID]) -> None:
    arrange(lock_notebook_for(person.actor, notebook.id, Role.EDITOR), person.actor, wanted)


def _longest_increasing(numbers: list[int]) -> int:
    """The slow and obvious way."""
    lengths: list[int] = []
    for index, number in enumerate(numbers):
        before = [lengths[each] for each in range(index) if numbers[each] < number]
        lengths.append(1 + max(before, default=0))
    return max(lengths, default=0)
