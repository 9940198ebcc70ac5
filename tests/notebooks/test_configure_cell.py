from typing import Any

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound
from apps.journal.models import AuditEntry
from apps.notebooks.commands import configure_cell, delete_cell
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.replay import verified_replay


def configure(person: Person, cell: Cell, **settings: Any) -> Cell:
    return configure_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, **settings)


def test_works(owner: Person, editor: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        assert configure(editor, cell, kind="markdown").kind == "markdown"


def test_a_cell_is_disabled_and_enabled(
    owner: Person, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    for is_disabled in (True, False):
        with verified_replay(owner, notebook, events=1):
            configure(editor, cell, is_disabled=is_disabled)
        cell.refresh_from_db()
        assert (cell.is_disabled, cell.kind, cell.version) == (is_disabled, "python", 0)


def test_one_event_tells_both(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        configure(owner, cell, kind="sql", is_disabled=True)
    assert notebook.events.get(seq=3).payload == {
        "type": "cell_configured",
        "cell_id": str(cell.id),
        "kind": "sql",
        "is_disabled": True,
        "result_name": "df_1",
        "connection_id": None,
        "cache_seconds": 0,
        "metadata": {},
    }


def test_how_much_is_shown_is_kept_as_jupyter_keeps_it(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=2):
        configure(owner, cell, is_source_hidden=True, are_outputs_hidden=True)
        configure(owner, cell, is_scrolled=True)
    cell.refresh_from_db()
    assert cell.metadata == {"jupyter": {"source_hidden": True, "outputs_hidden": True}, "scrolled": True}
    with verified_replay(owner, notebook, events=1):
        configure(owner, cell, is_source_hidden=False, are_outputs_hidden=False, is_scrolled=False)
    cell.refresh_from_db()
    assert cell.metadata == {}


def test_what_others_put_into_the_metadata_stays(owner: Person, notebook: Notebook, cell: Cell) -> None:
    cell.metadata = {"tags": ["a"], "jupyter": {"later": 1}, "collapsed": True}
    cell.save()
    with verified_replay(owner, notebook, events=1):
        configure(owner, cell, are_outputs_hidden=False)
    cell.refresh_from_db()
    assert cell.metadata == {"tags": ["a"], "jupyter": {"later": 1}}
    cell.metadata = {"jupyter": "odd", "scrolled": "auto"}
    cell.save()
    configure(owner, cell, is_source_hidden=True)
    cell.refresh_from_db()
    assert cell.metadata == {"jupyter": {"source_hidden": True}, "scrolled": "auto"}


def test_how_long_an_answer_is_kept(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=1):
        assert configure(owner, cell, kind="sql", cache_seconds=60).cache_seconds == 60
    for wrong in (-1, 24 * 3600 + 1):
        with pytest.raises(Invalid, match="86,400 seconds"):
            configure(owner, cell, cache_seconds=wrong)
    with verified_replay(owner, notebook, events=0):
        configure(owner, cell, cache_seconds=60)
    cell.refresh_from_db()
    assert cell.cache_seconds == 60


def test_no_op(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        configure(owner, cell, kind="python")
        configure(owner, cell, is_disabled=False)
        configure(owner, cell)


def test_it_is_on_record(owner: Person, cell: Cell) -> None:
    configure(owner, cell, is_disabled=True)
    entry = AuditEntry.objects.get(notebook_id=cell.notebook_id, action="configure_cell")
    assert entry.details == {
        "cell_id": str(cell.id),
        "new": {"is_disabled": True},
        "old": {"is_disabled": False},
    }


def test_a_deleted_cell_is_not_there(owner: Person, notebook: Notebook, cell: Cell) -> None:
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id)
    with verified_replay(owner, notebook, events=0), pytest.raises(NotFound):
        configure(owner, cell, is_disabled=True)


def test_refused(owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            configure(viewer, cell, kind="markdown")
        with pytest.raises(Forbidden):
            configure(viewer, cell, is_disabled=True)
        with pytest.raises(NotFound):
            configure(stranger, cell, is_disabled=True)
        with pytest.raises(Invalid, match="kind must be one of"):
            configure(owner, cell, kind="word")
