"""The graph that a process keeps of a notebook: what an edit costs."""

import json

from apps.dataflow import names
from apps.execution.planning import notebook_graph
from apps.notebooks.commands import import_notebook
from tests.support.cast import Person, write
from tests.support.running import cells_of

CELLS = 1000


def test_an_edit_has_one_cell_analysed(owner: Person) -> None:
    # Texts that no other test has: what is known of a text is known to the whole process.
    sources = ["once_0 = 0", *(f"once_{number} = once_{number - 1}" for number in range(1, CELLS))]
    code: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [code | {"source": source} for source in sources]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}).encode()
    notebook = import_notebook(actor=owner.actor, content=content, filename="long.ipynb")
    before = _analysed()
    notebook_graph(notebook.id)
    assert _analysed() - before == CELLS
    middle = cells_of(notebook)[CELLS // 2]
    write(owner, middle, f"once_{CELLS // 2} = once_3")
    graph = notebook_graph(notebook.id)
    assert _analysed() - before == CELLS + 1
    assert graph.edges[str(middle.id)].inputs == {"once_3": str(cells_of(notebook)[3].id)}


def _analysed() -> int:
    """How many texts this process has analysed."""
    return names._names_of_short.cache_info().misses
