"""Reading the document. Fetches with permission are named `get_…_for`; nothing here writes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left, Lower

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Membership, Role
from apps.notebooks.locking import no_such_cell
from apps.notebooks.models import Cell, CellEdit, Notebook, Output
from apps.notebooks.one_moment import one_moment
from apps.notebooks.outputs import NbOutput, coalesced
from apps.notebooks.search import FoundCell, find_in_cells

MAX_LISTED = 500
MAX_DELETED = 200
MAX_BEGINNING_CHARS = 1000
MAX_UPDATES = 10_000


@dataclass(frozen=True)
class NotebookSummary:
    id: UUID
    title: str
    role: Role
    cell_count: int
    created_at: datetime
    updated_at: datetime
    opened_at: datetime | None
    """When the actor had it open last."""
    tags: list[str]
    found: FoundCell | None
    """What a search found in the text of a cell; None if it found the title, or nothing was searched for."""


@dataclass(frozen=True)
class DeletedNotebook:
    id: UUID
    title: str
    cell_count: int
    deleted_at: datetime


class Sort(StrEnum):
    EDITED = "edited"
    OPENED = "opened"
    CREATED = "created"
    TITLE = "title"


_ORDERS = {
    Sort.EDITED: ("-notebook__updated_at",),
    Sort.OPENED: (F("opened_at").desc(nulls_last=True), "-notebook__updated_at"),
    Sort.CREATED: ("-notebook__created_at",),
    Sort.TITLE: (Lower("notebook__title"), "notebook__created_at"),
}
_LIVE_CELLS = Count("notebook__cells", filter=Q(notebook__cells__deleted_at=None))


def notebooks_for(
    *, actor: Actor, search: str = "", tag: str = "", sort: Sort = Sort.EDITED
) -> list[NotebookSummary]:
    """The actor's notebooks, at most 500, the newest change first unless `sort` says otherwise.

    By `Sort.OPENED`, what the actor never had open comes last. `search` is a part of the title, or words that are all
    in one cell; `tag` is one of the notebook's.
    """
    search = search.replace("\x00", "").strip()
    memberships = Membership.objects.filter(user=actor.user_id, notebook__deleted_at=None)
    if tag:
        memberships = memberships.filter(notebook__tags__contains=[tag.replace("\x00", "")])
    found = _found_in_cells(memberships, search)
    if search:
        memberships = memberships.filter(Q(notebook__title__icontains=search) | Q(notebook_id__in=found))
    rows = (
        memberships.annotate(cell_count=_LIVE_CELLS)
        .order_by(*_ORDERS[sort])
        .values_list(
            "notebook_id",
            "notebook__title",
            "role",
            "cell_count",
            "notebook__created_at",
            "notebook__updated_at",
            "opened_at",
            "notebook__tags",
        )
    )
    return [
        NotebookSummary(id, title, Role(role), count, created, updated, opened, tags, found.get(id))
        for id, title, role, count, created, updated, opened, tags in rows[:MAX_LISTED]
    ]


def _found_in_cells(memberships: QuerySet[Membership], search: str) -> dict[UUID, FoundCell]:
    return find_in_cells(list(memberships.values_list("notebook_id", flat=True)), search) if search else {}


def tags_for(*, actor: Actor) -> list[str]:
    """All tags of the actor's notebooks, in order."""
    memberships = Membership.objects.filter(user=actor.user_id, notebook__deleted_at=None)
    return sorted({tag for tags in memberships.values_list("notebook__tags", flat=True) for tag in tags})


def deleted_notebooks(*, actor: Actor) -> list[DeletedNotebook]:
    """What owners can bring back: the notebooks the actor owns that were deleted, the newest first, at most 500."""
    rows = (
        Membership.objects.filter(user=actor.user_id, role=Role.OWNER, notebook__deleted_at__isnull=False)
        .annotate(cell_count=_LIVE_CELLS)
        .order_by("-notebook__deleted_at")
        .values_list("notebook_id", "notebook__title", "cell_count", "notebook__deleted_at")
    )
    return [DeletedNotebook(id, title, count, at) for id, title, count, at in rows[:MAX_LISTED] if at]


def get_notebook_for(*, actor: Actor, notebook_id: UUID, role: Role = Role.VIEWER) -> Notebook:
    require_role(actor, notebook_id, role)
    return Notebook.objects.get(id=notebook_id)


def members_of(*, actor: Actor, notebook_id: UUID) -> list[dict[str, Any]]:
    """`[{username, role}]` by name, for whoever may see the notebook."""
    require_role(actor, notebook_id, Role.VIEWER)
    rows = Membership.objects.filter(notebook_id=notebook_id).order_by("user__username")
    return [dict(row) for row in rows.values("role", username=F("user__username"))]


def get_cell_for(*, actor: Actor, notebook_id: UUID, cell_id: UUID) -> Cell:
    require_role(actor, notebook_id, Role.VIEWER)
    cell = Cell.objects.filter(notebook_id=notebook_id, id=cell_id, deleted_at=None).first()
    if cell is None:
        raise no_such_cell(cell_id)
    return cell


def get_cell_of_any_time(notebook_id: UUID, cell_id: UUID) -> Cell:
    """A cell of the notebook, also a deleted one."""
    cell = Cell.objects.filter(notebook_id=notebook_id, id=cell_id).first()
    if cell is None:
        raise no_such_cell(cell_id)
    return cell


def deleted_cells(*, actor: Actor, notebook_id: UUID) -> list[dict[str, Any]]:
    """`[{id, kind, source, deleted_at, deleted_by}]`, newest first, at most 200; of the text the beginning."""
    require_role(actor, notebook_id, Role.VIEWER)
    cells = (
        Cell.objects.filter(notebook_id=notebook_id, deleted_at__isnull=False)
        .defer("source")
        .annotate(beginning=Left("source", MAX_BEGINNING_CHARS))
        .order_by("-deleted_at")
    )
    return [
        {
            "id": str(cell.id),
            "kind": cell.kind,
            "source": cell.beginning,
            "deleted_at": cell.deleted_at.isoformat() if cell.deleted_at else None,
            "deleted_by": cell.deleted_by,
        }
        for cell in cells[:MAX_DELETED]
    ]


def document(notebook: Notebook) -> dict[str, Any]:
    """The notebook as in docs/protocol.md ("Snapshot"), without the kernel. Two queries, whatever its size."""
    outputs = outputs_by_cell(notebook.id)
    cells = Cell.objects.filter(notebook_id=notebook.id, deleted_at=None).order_by("order_key")
    return _document(notebook, [cell_json(cell, outputs.get(cell.id, [])) for cell in cells])


def beginning(notebook: Notebook, most: int) -> dict[str, Any] | None:
    """As `document`, of the first `most` cells without outputs; None if these are all. One query."""
    cells = Cell.objects.filter(notebook_id=notebook.id, deleted_at=None).order_by("order_key")[: most + 1]
    if len(cells) <= most:
        return None
    return _document(notebook, [cell_json(cell, []) for cell in cells[:most]])


def _document(notebook: Notebook, cells: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(notebook.id),
        "title": notebook.title,
        "seq": notebook.seq,
        "mode": notebook.mode,
        "language": language_of(notebook),
        "cells": cells,
    }


def language_of(notebook: Notebook) -> str:
    """The language of the notebook's kernel, lower case, as the file's metadata says; Python if it is silent."""
    info = notebook.metadata.get("language_info") or {}
    spec = notebook.metadata.get("kernelspec") or {}
    return str(info.get("name") or spec.get("language") or "python").lower()


def cell_json(cell: Cell, outputs: list[NbOutput]) -> dict[str, Any]:
    """The cell as in docs/protocol.md ("Snapshot")."""
    return {
        "id": str(cell.id),
        "kind": cell.kind,
        "source": cell.source,
        "version": cell.version,
        "order_key": cell.order_key,
        "metadata": cell.metadata,
        "is_disabled": cell.is_disabled,
        "result_name": cell.result_name,
        "connection_id": str(cell.connection_id) if cell.connection_id else None,
        "cache_seconds": cell.cache_seconds,
        "status": cell.status,
        "blocked_by": str(cell.blocked_by_id) if cell.blocked_by_id else None,
        "execution_count": cell.execution_count,
        "started_at": cell.started_at.isoformat() if cell.started_at else None,
        "elapsed_ms": cell.elapsed_ms,
        "cell_run_id": str(cell.cell_run_id) if cell.cell_run_id else None,
        "run_by": cell.run_by,
        "output_offset": cell.output_offset,
        "input_request": cell.input_request,
        "outputs": outputs,
    }


def shown_cell(*, actor: Actor, notebook_id: UUID, cell_id: UUID) -> dict[str, Any]:
    """The cell as in docs/protocol.md, its outputs and their offset of one moment."""
    with one_moment():
        cell = get_cell_for(actor=actor, notebook_id=notebook_id, cell_id=cell_id)
        return cell_json(cell, stored_outputs(cell))


def edits_since(*, actor: Actor, notebook_id: UUID, cell_id: UUID, version: int) -> dict[str, Any]:
    """`{version, updates}`: the edits after `version`, and the version they lead to."""
    with one_moment():
        cell = get_cell_for(actor=actor, notebook_id=notebook_id, cell_id=cell_id)
        updates = updates_since(cell, version)
        return {"version": updates[-1]["version"] if updates else cell.version, "updates": updates}


def stored_outputs(cell: Cell) -> list[NbOutput]:
    rows = Output.objects.filter(cell=cell).order_by("position")
    return coalesced(rows.values_list("body", "text"))


def updates_since(cell: Cell, version: int) -> list[dict[str, Any]]:
    """The cell's edits after `version`, oldest first: `[{version, client_id, changes}]`, at most 10,000."""
    edits = CellEdit.objects.filter(cell=cell, version__gt=version).order_by("version")
    return [dict(edit) for edit in edits.values("version", "client_id", "changes")[:MAX_UPDATES]]


def outputs_by_cell(notebook_id: UUID) -> dict[UUID, list[NbOutput]]:
    """The outputs of the live cells that have any."""
    return _by_cell(Output.objects.filter(cell__notebook_id=notebook_id, cell__deleted_at=None))


def outputs_of_cells(cell_ids: Collection[UUID]) -> dict[UUID, list[NbOutput]]:
    """The outputs of those of the cells that have any."""
    return _by_cell(Output.objects.filter(cell_id__in=cell_ids))


def attachments_by_cell(notebook_id: UUID) -> dict[UUID, dict[str, Any]]:
    """The attachments of the live cells that have any."""
    cells = Cell.objects.filter(notebook_id=notebook_id, deleted_at=None, attachments__isnull=False)
    return {
        cell_id: attachments for cell_id, attachments in cells.values_list("id", "attachments") if attachments
    }


def _by_cell(outputs: QuerySet[Output]) -> dict[UUID, list[NbOutput]]:
    rows = outputs.order_by("cell_id", "position").values_list("cell_id", "body", "text")
    by_cell: dict[UUID, list[tuple[NbOutput, str]]] = defaultdict(list)
    for cell_id, body, text in rows:
        by_cell[cell_id].append((body, text))
    return {cell_id: coalesced(pieces) for cell_id, pieces in by_cell.items()}
