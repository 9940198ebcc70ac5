"""Which notebooks a search finds: titles, and words of cells."""

import pytest
from django.db import connection, transaction

from apps.notebooks import search
from apps.notebooks.commands import create_notebook, delete_cell, delete_notebook
from apps.notebooks.models import Cell, CellWords, Notebook
from apps.notebooks.queries import notebooks_for
from tests.support.cast import Person, add_cell, write
from tests.support.processes import Database


def found(person: Person, words: str, **options: str) -> list[str]:
    return [each.title for each in notebooks_for(actor=person.actor, search=words, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words",
    ["read_csv", "csv", "READ", "read csv", "pd.read_csv", "sale", "größe", "(sales)", "2024", "notebook"],
)
def test_it_is_found_by(owner: Person, notebook: Notebook, words: str) -> None:
    add_cell(owner, notebook, "größe = pd.read_csv('sales_2024.csv')")
    assert found(owner, words) == ["A notebook"]


@pytest.mark.parametrize(
    "words", ["ales", "csv_read_x", "read profits", "'; drop table", "& | ! :*", "\x00x"]
)
def test_it_is_not_found_by(owner: Person, notebook: Notebook, words: str) -> None:
    add_cell(owner, notebook, "pd.read_csv('sales.csv')")
    add_cell(owner, notebook, "more")
    assert found(owner, words) == []


def test_the_cell_and_line_are_told(owner: Person, notebook: Notebook) -> None:
    add_cell(owner, notebook, "nothing here")
    cell = add_cell(owner, notebook, "first line\n    " + "x" * 200 + " needle")
    (summary,) = notebooks_for(actor=owner.actor, search="needle")
    assert summary.found is not None
    assert summary.found.cell_id == cell.id
    assert summary.found.line == "x" * 159 + "…"
    (summary,) = notebooks_for(actor=owner.actor, search="A note")
    assert summary.found is None


def test_only_what_one_may_see_and_what_is_there(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "needle")
    gone = create_notebook(actor=owner.actor, title="Gone")
    add_cell(owner, gone, "needle")
    delete_notebook(actor=owner.actor, notebook_id=gone.id)
    assert found(owner, "needle") == found(viewer, "needle") == ["A notebook"]
    assert found(stranger, "needle") == []
    write(owner, cell, "thread")
    assert found(owner, "needle") == []
    assert found(owner, "thread") == ["A notebook"]
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id)
    assert found(owner, "thread") == []


def test_texts_as_long_as_they_may_be(owner: Person, notebook: Notebook) -> None:
    cell = Cell(
        notebook=notebook, kind="python", order_key="a0", source=" ".join(f"wörd{n}" for n in range(100_000))
    )
    cell.save()
    assert found(owner, "wörd777") == ["A notebook"]


def test_what_is_indexed_is_found_too_and_what_is_newer_instead(
    owner: Person, notebook: Notebook, cell: Cell
) -> None:
    write(owner, cell, "needle = 1")
    while search.index_words():
        pass
    assert CellWords.objects.get(cell=cell).version == Cell.objects.get(pk=cell.pk).version
    assert found(owner, "need") == ["A notebook"]
    write(owner, cell, "thread = 1")
    assert (found(owner, "needle"), found(owner, "thread")) == ([], ["A notebook"])
    while search.index_words():
        pass
    assert (found(owner, "needle"), found(owner, "thread")) == ([], ["A notebook"])
    delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cell.id)
    assert found(owner, "thread") == []


def test_the_index_can_serve_it(database: Database) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # A table as small as this one is quicker to read whole.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT cell_id FROM notebooks_cellwords WHERE words @@ to_tsquery('simple', '2999:*')"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "notebooks_cell_words" in plan
