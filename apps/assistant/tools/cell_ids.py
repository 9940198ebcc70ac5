"""Cells by name. A model is told the first characters of an id: an id costs it some twenty tokens, its beginning five.

It may give back that beginning, a longer one or the whole id.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from uuid import UUID

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from apps.assistant.models import Proposal, ProposalStatus
from apps.assistant.tools.clipping import beginning
from apps.base.errors import Invalid, NotFound
from apps.notebooks.models import Cell
from apps.notebooks.positions import END, START, Position

SHORT = 8
# What a short id may be at least; less is a slip of the pen, or a number of a cell.
SHORTEST = 4
MAX_NEAR = 5

CELL_ID = {"type": "string", "description": "The id of the cell, as get_notebook_state shows it."}
AFTER = {
    "type": "string",
    "description": 'Where to put it: the id of the cell that it is to follow, or "start", or "end".',
}

_ID_PREFIX = re.compile(rf"[0-9a-f-]{{{SHORTEST},36}}")
_BY_PREFIX = """
SELECT id FROM notebooks_cell
WHERE notebook_id = %s AND deleted_at IS NULL AND id::text LIKE %s ORDER BY order_key LIMIT %s
"""


def short_ids(cell_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The beginnings that tell these cells apart: of eight characters, or whole ids where two begin alike."""
    texts = {cell_id: str(cell_id) for cell_id in cell_ids}
    owners: dict[str, int] = {}
    for text in texts.values():
        owners[text[:SHORT]] = owners.get(text[:SHORT], 0) + 1
    return {cell_id: text[:SHORT] if owners[text[:SHORT]] == 1 else text for cell_id, text in texts.items()}


def short_id(cell_id: UUID | str) -> str:
    """The beginning of an id, for sentences. Where two begin alike the model is asked for the whole one."""
    return str(cell_id)[:SHORT]


def cell_id_of(notebook_id: UUID, given: str, field: str = "cell_id") -> UUID:
    """The live cell of the notebook with that id or unique beginning of one. NotFound lists near ones."""
    wanted = given.strip().strip("[]").lower()
    if not _ID_PREFIX.fullmatch(wanted):
        raise _unknown(notebook_id, given, field)
    with connection.cursor() as cursor:
        cursor.execute(_BY_PREFIX, [notebook_id, f"{wanted}%", MAX_NEAR + 1])
        found: list[UUID] = [cell_id for (cell_id,) in cursor.fetchall()]
    match found:
        case [cell_id]:
            return cell_id
        case []:
            raise _unknown(notebook_id, given, field)
        case _:
            ids = ", ".join(map(str, found[:MAX_NEAR]))
            raise Invalid(f"{field}: several cells begin with {wanted}: {ids}. Give the whole id.")


def position_of(notebook_id: UUID, given: str) -> Position:
    """A cell that is only proposed counts, too: what is to follow it is proposed itself."""
    if given in ("start", "end"):
        return START if given == "start" else END
    try:
        return cell_id_of(notebook_id, given, "after")
    except NotFound:
        if (proposed := _proposed_cell(notebook_id, given)) is not None:
            return proposed
        raise


def _proposed_cell(notebook_id: UUID, given: str) -> UUID | None:
    wanted = given.strip().lower()
    if not _ID_PREFIX.fullmatch(wanted):
        return None
    proposals = Proposal.objects.filter(notebook_id=notebook_id, status=ProposalStatus.OPEN)
    named = proposals.annotate(text=Cast("new_cell_id", TextField())).filter(text__startswith=wanted)
    return named.order_by("-created_at").values_list("new_cell_id", flat=True).first()


def _unknown(notebook_id: UUID, given: str, field: str) -> NotFound:
    cells = Cell.objects.filter(notebook_id=notebook_id, deleted_at=None).order_by("order_key")
    numbers = {str(cell_id): number for number, cell_id in enumerate(cells.values_list("id", flat=True), 1)}
    near = "; ".join(
        f"{short_id(cell_id)} (cell {numbers[cell_id]})" for cell_id in _near(given, list(numbers))
    )
    if not numbers:
        advice = "The notebook has no cells."
    else:
        was_deleted = "It was deleted. " if _was_deleted(notebook_id, given) else ""
        advice = f"{was_deleted}Near ones: {near}. Call get_notebook_state to see all."
    return NotFound(f"{field}: this notebook has no cell {beginning(given, SHORT * 5)!r}. {advice}")


def _near(given: str, cell_ids: list[str]) -> list[str]:
    """A number is taken for that of a cell; else the ids that look most alike."""
    if given.isdecimal() and len(given) < SHORTEST and 1 <= int(given) <= len(cell_ids):
        return [cell_ids[int(given) - 1]]
    short = {cell_id[:SHORT]: cell_id for cell_id in cell_ids}
    alike = get_close_matches(given[:SHORT].lower(), short, n=MAX_NEAR, cutoff=0.5)
    return [short[each] for each in alike] or cell_ids[:MAX_NEAR]


def _was_deleted(notebook_id: UUID, given: str) -> bool:
    if not _ID_PREFIX.fullmatch(given.lower()) or len(given) < SHORT:
        return False
    deleted = Cell.objects.filter(notebook_id=notebook_id, deleted_at__isnull=False)
    return deleted.annotate(text=Cast("id", TextField())).filter(text__startswith=given.lower()).exists()
