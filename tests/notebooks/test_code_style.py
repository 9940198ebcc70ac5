"""Layout and lint of code by ruff."""

import pytest

from apps.base.errors import Forbidden, Invalid, NotFound, TooLarge
from apps.notebooks.code_style import formatted, problems
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person, add_cell


def format_as(person: Person, notebook: Notebook, source: str) -> str:
    return formatted(actor=person.actor, notebook_id=notebook.id, source=source)


def lint(person: Person, cell: Cell, source: str) -> list[tuple[str, str]]:
    """`[(the text it is about, message)]`."""
    told = problems(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, source=source)
    units = source.encode("utf-16-le")
    return [(units[2 * each["from"] : 2 * each["to"]].decode("utf-16-le"), each["message"]) for each in told]


def test_format_keeps_what_is_ipythons(editor: Person, notebook: Notebook) -> None:
    source = "%matplotlib inline\nx=[1,2 ]\n!ls {x}\nx;"
    assert format_as(editor, notebook, source) == "%matplotlib inline\nx = [1, 2]\n!ls {x}\nx;"
    assert format_as(editor, notebook, "%%bash\necho   1") == "%%bash\necho   1"
    assert format_as(editor, notebook, "") == ""


def test_format_says_why_it_cannot(editor: Person, notebook: Notebook) -> None:
    with pytest.raises(Invalid, match="syntax error"):
        format_as(editor, notebook, "def f(:")
    with pytest.raises(TooLarge):
        format_as(editor, notebook, "x" * 200_001)


def test_names_of_any_other_cell_are_known(editor: Person, notebook: Notebook, cell: Cell) -> None:
    add_cell(editor, notebook, "import pandas as pd\nbelow = 1")
    add_cell(editor, notebook, "words = 1", kind="markdown")
    Cell.objects.filter(id=add_cell(editor, notebook, "select 1", kind="sql").id).update(result_name="totals")
    source = "'🐍', pd, below, totals, display, words, missing"
    assert lint(editor, cell, source) == [
        ("words", "Undefined name `words` (F821)"),
        ("missing", "Undefined name `missing` (F821)"),
    ]
    # The cell's own stored text does not count: it is being edited.
    assert lint(editor, cell, "print(x)") == [("x", "Undefined name `x` (F821)")]
    assert lint(editor, cell, "import os") == []


def test_cells_that_cannot_be_read_are_no_hindrance(editor: Person, notebook: Notebook, cell: Cell) -> None:
    add_cell(editor, notebook, "def half(:")
    add_cell(editor, notebook, "whole = 1")
    assert lint(editor, cell, "half, whole, nothing") == [("nothing", "Undefined name `nothing` (F821)")]


def test_syntax(editor: Person, cell: Cell) -> None:
    (problem,) = lint(editor, cell, "a = 1\nif a\n    pass")[:1]
    assert "Expected" in problem[1]


def test_refused(viewer: Person, stranger: Person, notebook: Notebook, cell: Cell) -> None:
    with pytest.raises(Forbidden):
        format_as(viewer, notebook, "x")
    with pytest.raises(NotFound):
        lint(stranger, cell, "x")
