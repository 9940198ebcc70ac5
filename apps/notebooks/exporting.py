"""Export to .ipynb: what was imported comes out equal, and what was made here comes out valid."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import nbformat

from apps.base.errors import NotFound
from apps.base.wire import JsonObject
from apps.notebooks.connection_names import connection_names
from apps.notebooks.file_store import made_whole
from apps.notebooks.ipynb import FIRST_MINOR_WITH_IDS, MAJOR
from apps.notebooks.ipynb_cells import ParsedCell, cell_node, numbers_as_read, split_unknown
from apps.notebooks.models import Cell, CellKind, Notebook
from apps.notebooks.one_moment import one_moment
from apps.notebooks.outputs import in_file
from apps.notebooks.queries import outputs_by_cell
from apps.notebooks.widgets import metadata_with_widgets

# nbformat says it is typed, but its functions are not.
_node_from: Callable[[JsonObject], Any] = nbformat.from_dict
_written: Callable[[Any], str] = nbformat.v4.writes_json


def export_ipynb(*, notebook_id: UUID) -> bytes:
    """The notebook as a .ipynb file. The caller has checked that its user may read it."""
    with one_moment():
        text: str = _written(notebook_node(notebook_id))
    return text.encode() + b"\n"


def notebook_node(notebook_id: UUID) -> Any:
    """The notebook as a NotebookNode of nbformat 4, with the minor it was imported with (5 if made here)."""
    notebook = Notebook.objects.filter(id=notebook_id, deleted_at=None).first()
    if notebook is None:
        raise NotFound("There is no such notebook, or it was deleted.")
    minor = notebook.nbformat_minor
    metadata, unknown = split_unknown(metadata_with_widgets(notebook), minor)
    head = {"nbformat": MAJOR, "nbformat_minor": minor, "metadata": metadata}
    return _node_from(numbers_as_read(head | {"cells": _cell_nodes(notebook)} | unknown))


def parsed_cells(notebook: Notebook) -> list[ParsedCell]:
    """The cells with their outputs, in document order, as an import of the file would store them."""
    outputs = outputs_by_cell(notebook.id)
    names = connection_names(notebook.id)
    return [_parsed(cell, outputs.get(cell.id, []), names) for cell in _cells_of(notebook)]


def _cells_of(notebook: Notebook) -> list[Cell]:
    return list(Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key"))


def _cell_nodes(notebook: Notebook) -> list[JsonObject]:
    cells = _cells_of(notebook)
    outputs = outputs_by_cell(notebook.id)
    whole = {cell_id: made_whole(notebook.id, each) for cell_id, each in outputs.items()}
    names = connection_names(notebook.id)
    nodes = [
        cell_node(_parsed(cell, whole.get(cell.id, []), names), notebook.nbformat_minor) for cell in cells
    ]
    if notebook.nbformat_minor < FIRST_MINOR_WITH_IDS:
        return nodes
    return [node | {"id": name} for node, name in zip(nodes, _file_ids(cells), strict=True)]


def _parsed(cell: Cell, outputs: list[JsonObject], connections: Mapping[UUID, str]) -> ParsedCell:
    return ParsedCell(
        kind=CellKind(cell.kind),
        source=cell.source,
        metadata=cell.metadata,
        is_disabled=cell.is_disabled,
        result_name=cell.result_name,
        cache_seconds=cell.cache_seconds,
        connection_name=connections.get(cell.connection_id, "") if cell.connection_id else "",
        attachments=cell.attachments,
        nbformat_id=cell.nbformat_id,
        execution_count=cell.execution_count,
        outputs=tuple(map(in_file, outputs)),
    )


def _file_ids(cells: list[Cell]) -> Iterator[str]:
    """The ids the cells had in their file; ours for the others. Unique, as nbformat wants them."""
    taken = {cell.nbformat_id for cell in cells}
    for cell in cells:
        name = cell.nbformat_id or cell.id.hex
        if not cell.nbformat_id and name in taken:
            name = f"{name}-cell"  # somebody minted our id from a file's
        yield name
