"""Import of a .ipynb file: all of it in one transaction, or nothing and a sentence why not."""

from dataclasses import dataclass
from itertools import chain

from django.db import transaction
from fractional_indexing import generate_n_keys_between

from apps.accounts.actors import Actor
from apps.accounts.models import Membership, Role
from apps.base.errors import Forbidden
from apps.base.json_types import JsonObject
from apps.base.text import storable
from apps.journal.record import append_events, audit
from apps.notebooks.events import NotebookCreated
from apps.notebooks.ipynb import read_file
from apps.notebooks.ipynb_cells import (
    NOTEBOOK_FIELDS,
    ParsedCell,
    metadata_with_unknown,
    parsed_cell,
    stored_outputs,
)
from apps.notebooks.models import Cell, Notebook, Output

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


def import_notebook(*, actor: Actor, content: bytes, filename: str = "") -> Notebook:
    """A new notebook with the file's cells and outputs, owned by the actor's user. Event: notebook_created.

    Nobody can watch a notebook before it exists, so its cells need no events: clients start with a snapshot.
    """
    if actor.user_id is None:
        raise Forbidden("A notebook needs an owner: import it as a person or with a person's token.")
    parsed = parse_ipynb(content)
    notebook = Notebook(
        title=_title(filename, parsed.metadata),
        metadata=parsed.metadata,
        nbformat_minor=parsed.nbformat_minor,
    )
    with transaction.atomic():
        notebook.save(force_insert=True)
        Membership.objects.create(notebook=notebook, user_id=actor.user_id, role=Role.OWNER)
        _insert_cells(notebook, parsed.cells)
        append_events(notebook, actor, NotebookCreated(title=notebook.title))
        audit(actor, "import_notebook", notebook.id, title=notebook.title, cells=len(parsed.cells))
    return notebook


def _title(filename: str, metadata: JsonObject) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    if name.lower().endswith(SUFFIX):
        name = name[: -len(SUFFIX)]
    longest = Notebook._meta.get_field("title").max_length
    for title in (name, metadata.get("title")):
        words = " ".join(storable(title).split()) if isinstance(title, str) else ""
        if words:
            return words[:longest]
    return UNTITLED


def _insert_cells(notebook: Notebook, cells: tuple[ParsedCell, ...]) -> None:
    keys = generate_n_keys_between(None, None, len(cells))
    rows = [
        Cell(
            notebook=notebook,
            kind=cell.kind,
            source=cell.source,
            order_key=key,
            metadata=cell.metadata,
            attachments=cell.attachments,
            nbformat_id=cell.nbformat_id,
            execution_count=cell.execution_count,
        )
        for cell, key in zip(cells, keys, strict=True)
    ]
    Cell.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    outputs = chain.from_iterable(_output_rows(row, cell) for row, cell in zip(rows, cells, strict=True))
    Output.objects.bulk_create(outputs, batch_size=ROWS_AT_ONCE)


def _output_rows(row: Cell, cell: ParsedCell) -> list[Output]:
    pieces = stored_outputs(cell.outputs)
    return [
        Output(cell=row, position=position, body=body, text=text)
        for position, (body, text) in enumerate(pieces)
    ]
