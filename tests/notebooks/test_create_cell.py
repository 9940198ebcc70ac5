import math
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings

from apps.base.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooLarge
from apps.notebooks.commands import create_cell, create_notebook, delete_cell
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import START
from tests.support.cast import Person, add_cell
from tests.support.races import at_once
from tests.support.replay import verified_replay
from tests.support.running import cells_of


def test_at_the_end_at_the_top_and_between(owner: Person, editor: Person, notebook: Notebook) -> None:
    with verified_replay(owner, notebook, events=3):
        last = add_cell(editor, notebook, "last")
        first = create_cell(
            actor=owner.actor, notebook_id=notebook.id, kind="markdown", source="first", after=START
        )
        middle = create_cell(
            actor=owner.actor, notebook_id=notebook.id, kind="sql", source="middle", after=first.id
        )
    assert [cell.id for cell in cells_of(notebook)] == [first.id, middle.id, last.id]
    assert last.version == 0


def test_the_client_may_mint_the_id(owner: Person, notebook: Notebook) -> None:
    cell_id = uuid4()
    create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python", cell_id=cell_id)
    with verified_replay(owner, notebook, events=0), pytest.raises(Conflict, match="this id already"):
        create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python", cell_id=cell_id)


def test_a_copy_brings_its_settings(owner: Person, notebook: Notebook) -> None:
    settings: dict[str, Any] = {
        "metadata": {"tags": ["raises-exception"], "scrolled": True},
        "is_disabled": True,
        "result_name": "sales",
        "cache_seconds": 60,
    }
    with verified_replay(owner, notebook, events=1):
        copy = create_cell(actor=owner.actor, notebook_id=notebook.id, kind="sql", **settings)
    copy.refresh_from_db()
    assert {name: getattr(copy, name) for name in settings} == settings
    odd = create_cell(actor=owner.actor, notebook_id=notebook.id, kind="raw", metadata={"a\x00": math.inf})
    assert odd.metadata == {"a\ufffd": None}


ATTACHED = {"dot.png": {"image/png": "iVBORw0KGgo="}}


def test_a_copy_brings_attachments(
    owner: Person, editor: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    original = add_cell(owner, notebook, "![dot](attachment:dot.png)")
    Cell.objects.filter(id=original.id).update(attachments=ATTACHED)
    copied: dict[str, Any] = {"kind": "markdown", "source": original.source, "attachments_of": original.id}
    with verified_replay(owner, notebook, events=1):
        copy = create_cell(actor=editor.actor, notebook_id=notebook.id, **copied)
    copy.refresh_from_db()
    assert copy.attachments == ATTACHED

    # A cell that was cut, into another notebook, by somebody who may only look at the first.
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=original.id)
    own = create_notebook(actor=viewer.actor, title="Own")
    assert create_cell(actor=viewer.actor, notebook_id=own.id, **copied).attachments == ATTACHED

    # Who may not see it does not learn whether there is one.
    elsewhere = create_notebook(actor=stranger.actor, title="Elsewhere")
    for attachments_of in (original.id, uuid4()):
        with (
            verified_replay(stranger, elsewhere, events=0),
            pytest.raises(NotFound, match="attachments you can see"),
        ):
            create_cell(
                actor=stranger.actor,
                notebook_id=elsewhere.id,
                kind="markdown",
                attachments_of=attachments_of,
            )


@pytest.mark.parametrize(
    ("settings", "error", "field"),
    [
        ({"result_name": "class"}, Invalid, "result_name"),
        ({"cache_seconds": -1}, Invalid, "cache_seconds"),
        ({"metadata": {"long": "x" * 100_000}}, TooLarge, "metadata"),
    ],
)
def test_settings_that_cannot_be(
    owner: Person, notebook: Notebook, settings: dict[str, Any], error: type[DomainError], field: str
) -> None:
    with verified_replay(owner, notebook, events=0), pytest.raises(error) as refused:
        create_cell(actor=owner.actor, notebook_id=notebook.id, kind="sql", **settings)
    assert refused.value.details == {"field": field}


def test_refused(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, settings: LazySettings
) -> None:
    settings.MAX_SOURCE_CHARS = 1000
    settings.MAX_CELLS = 0
    with verified_replay(owner, notebook, events=0):
        for person, error in ((viewer, Forbidden), (stranger, NotFound)):
            with pytest.raises(error):
                add_cell(person, notebook, "x")
        with pytest.raises(TooLarge, match="at most 0 cells"):
            add_cell(owner, notebook, "x")
        settings.MAX_CELLS = 10
        with pytest.raises(Invalid, match="kind must be one of"):
            add_cell(owner, notebook, "x", kind="fortran")
        with pytest.raises(TooLarge, match="1,000 characters"):
            add_cell(owner, notebook, "x" * 1001)
        with pytest.raises(Invalid, match="NUL"):
            add_cell(owner, notebook, "\x00")
        with pytest.raises(NotFound, match="put it after"):
            create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python", after=uuid4())


def test_many_at_once_at_one_place(owner: Person, notebook: Notebook, cell: Cell) -> None:
    with verified_replay(owner, notebook, events=8):
        at_once(
            8,
            lambda _: create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python", after=cell.id),
        )
    assert len(cells_of(notebook)) == 9


def test_order_keys_do_not_run_out(owner: Person, notebook: Notebook, cell: Cell) -> None:
    for _ in range(60):
        create_cell(actor=owner.actor, notebook_id=notebook.id, kind="python", after=cell.id)
    keys = [each.order_key for each in cells_of(notebook)]
    assert len(set(keys)) == 61
    assert max(map(len, keys)) < 60
