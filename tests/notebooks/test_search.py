"""Which notebooks a search finds: titles, and words of cells."""

import pytest
from django.db import connection

from apps.notebooks.commands import create_notebook, delete_cell, delete_notebook
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.queries import notebooks_for
from tests.support.cast import Person, add_cell, write


def found(person: Person, search: str, **options: str) -> list[str]:
    return [each.title for each in notebooks_for(actor=person.actor, search=search, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "search",
    ["read_csv", "csv", "READ", "read csv", "pd.read_csv", "sale", "größe", "(sales)", "2024", "notebook"],
)
def test_it_is_found_by(owner: Person, notebook: Notebook, search: str) -> None:
    add_cell(owner, notebook, "größe = pd.read_csv('sales_2024.csv')")
    assert found(owner, search) == ["A notebook"]


@pytest.mark.parametrize(
    "search", ["ales", "csv_read_x", "read profits", "'; drop table", "& | ! :*", "\x00x"]
)
def test_it_is_not_found_by(owner: Person, notebook: Notebook, search: str) -> None:
    add_cell(owner, notebook, "pd.read_csv('sales.csv')")
    add_cell(owner, notebook, "more")
    assert found(owner, search) == []


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


def test_the_index_serves_it(owner: Person, notebook: Notebook) -> None:
    cells = [
        Cell(notebook=notebook, kind="python", order_key=f"a{n:05}", source=f"value_{n} = {n}")
        for n in range(3000)
    ]
    Cell.objects.bulk_create(cells)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notebooks_cell")
        cursor.execute(
            "EXPLAIN SELECT id FROM notebooks_cell WHERE deleted_at IS NULL AND to_tsvector('simple', "
            "regexp_replace(left(source, 100000), '[^[:alnum:]]+', ' ', 'g')) @@ to_tsquery('simple', '2999:*')"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "notebooks_cell_words" in plan
