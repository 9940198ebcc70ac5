"""Reading a .ipynb file and storing its cells; the command is `commands/import_notebook.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from uuid import UUID

from fractional_indexing import generate_n_keys_between

from apps.accounts.actors import Actor
from apps.base.text import storable
from apps.base.wire import JsonObject
from apps.notebooks.connection_names import shared_by_name
from apps.notebooks.file_store import kept_outside
from apps.notebooks.ipynb import read_file
from apps.notebooks.ipynb_cells import (
    NOTEBOOK_FIELDS,
    ParsedCell,
    metadata_with_unknown,
    parsed_cell,
    with_connection_name,
)
from apps.notebooks.models import MAX_TITLE_CHARS, Cell, Notebook, Output
from apps.notebooks.outputs import rows_of_file

UNTITLED = "Untitled notebook"
SUFFIX = ".ipynb"
ROWS_AT_ONCE = 500  # outputs can be megabytes each: this bounds one INSERT


@dataclass(frozen=True)
class ParsedNotebook:
    """A notebook file as we store it."""

    metadata: JsonObject
    nbformat_minor: int
    cells: tuple[ParsedCell, ...]


def parse_ipynb(content: bytes) -> ParsedNotebook:
    """What the file holds. Invalid, with the place, or TooLarge; pure."""
    node = read_file(content)
    minor: int = node["nbformat_minor"]
    return ParsedNotebook(
        metadata=metadata_with_unknown(node, NOTEBOOK_FIELDS, minor),
        nbformat_minor=minor,
        cells=tuple(parsed_cell(cell, minor) for cell in node["cells"]),
    )


def title_of(filename: str, metadata: JsonObject) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    if name.lower().endswith(SUFFIX):
        name = name[: -len(SUFFIX)]
    for title in (name, metadata.get("title")):
        words = " ".join(storable(title).split()) if isinstance(title, str) else ""
        if words:
            return words[:MAX_TITLE_CHARS]
    return UNTITLED


def keep_files(notebook: Notebook, cells: tuple[ParsedCell, ...]) -> tuple[ParsedCell, ...]:
    """The cells with their large binary data kept as files. Before the transaction: files take their time."""
    return tuple(
        replace(cell, outputs=tuple(kept_outside(notebook.id, output) for output in cell.outputs))
        for cell in cells
    )


def insert_cells(actor: Actor, notebook: Notebook, cells: tuple[ParsedCell, ...]) -> None:
    """Into a notebook of the actor's that is new. SQL cells ask the actor's connections of the names that they had.

    These are locked after the notebook: nobody else knows it, so nobody waits for it.
    """
    names = (cell.connection_name for cell in cells if cell.connection_name)
    connections = shared_by_name(actor, notebook.id, names)
    keys = generate_n_keys_between(None, None, len(cells))
    rows = [
        Cell(
            notebook=notebook,
            kind=cell.kind,
            source=cell.source,
            order_key=key,
            metadata=_metadata(cell, connections),
            is_disabled=cell.is_disabled,
            result_name=cell.result_name,
            cache_seconds=cell.cache_seconds,
            connection_id=connections.get(cell.connection_name),
            attachments=cell.attachments,
            nbformat_id=cell.nbformat_id,
            execution_count=cell.execution_count,
        )
        for cell, key in zip(cells, keys, strict=True)
    ]
    Cell.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    outputs = (rows_of_file(row.id, cell.outputs) for row, cell in zip(rows, cells, strict=True))
    Output.objects.bulk_create(chain.from_iterable(outputs), batch_size=ROWS_AT_ONCE)


def _metadata(cell: ParsedCell, connections: Mapping[str, UUID]) -> JsonObject:
    if not cell.connection_name or cell.connection_name in connections:
        return cell.metadata
    return with_connection_name(cell.metadata, cell.connection_name)
