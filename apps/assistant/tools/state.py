"""The notebook as a model is told of it: read in a few queries, whatever its size, and written as short lines.

Of texts and outputs only beginnings are fetched: a notebook can hold hundreds of megabytes of images.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from orjson import loads

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.assistant.models import Proposal, ProposalStatus
from apps.assistant.tools.cell_ids import short_ids
from apps.assistant.tools.clipping import beginning
from apps.assistant.tools.images import told_size
from apps.assistant.tools.previews import TEXT_CHARS, preview
from apps.execution.dependencies import dependencies
from apps.execution.queries import kernel_state
from apps.notebooks.models import CellStatus, Notebook
from apps.notebooks.one_moment import one_moment
from apps.notebooks.outputs import coalesced

# Shared by the cells that are shown; each gets a part, between the least and the most.
SOURCE_BUDGET_CHARS, LEAST_SOURCE_CHARS, MOST_SOURCE_CHARS = 40_000, 80, 2_000
OUTPUT_BUDGET_CHARS, LEAST_OUTPUT_CHARS = 20_000, 60
# Of the outputs of one cell the first ones.
MAX_OUTPUTS = 3
# A body beyond that is told by its MIME types: a figure's data, an image.
MAX_BODY_BYTES = 20_000
MAX_NAMES = 12

_CELLS = """
SELECT id, kind, version, status, is_disabled, elapsed_ms, blocked_by_id, input_request IS NOT NULL,
    length(source), left(source, %(source_chars)s)
FROM notebooks_cell WHERE notebook_id = %(notebook)s AND deleted_at IS NULL ORDER BY order_key
"""

_OUTPUTS = """
SELECT cell.id, output.text, output.body, output.sizes, total.count
FROM notebooks_cell cell
CROSS JOIN LATERAL (SELECT count(*) FROM notebooks_output WHERE cell_id = cell.id) total
CROSS JOIN LATERAL (
  SELECT position, left(text, %(text_chars)s) AS text,
    CASE WHEN pg_column_size(body) <= %(body_bytes)s THEN body::text END AS body,
    CASE WHEN pg_column_size(body) > %(body_bytes)s THEN
      (SELECT jsonb_object_agg(key, length(value::text)) FROM jsonb_each(body -> 'data'))::text END AS sizes
  FROM notebooks_output WHERE cell_id = cell.id ORDER BY position LIMIT %(most)s
) output
WHERE cell.notebook_id = %(notebook)s AND cell.deleted_at IS NULL AND total.count > 0
  AND (%(only)s::uuid[] IS NULL OR cell.id = ANY(%(only)s::uuid[]))
ORDER BY cell.id, output.position
"""

# What needs no word, because it is what one expects.
_QUIET = (CellStatus.OK, CellStatus.IDLE)


class CellRow(NamedTuple):
    """What `_CELLS` selects; `source` is the beginning of the text, which has `source_chars`."""

    cell_id: UUID
    kind: str
    version: int
    status: str
    is_disabled: bool
    elapsed_ms: int | None
    blocked_by: UUID | None
    asks_input: bool
    source_chars: int
    source: str


@dataclass(frozen=True)
class CellState:
    """`number` is the place in the notebook, from 1; `known` is the cell's part of docs/protocol.md, "Dependencies"."""

    number: int
    row: CellRow
    source: str
    outputs: str
    known: Mapping[str, Any] | None
    proposals: int
    """How many changes of it are proposed and not decided."""


@dataclass(frozen=True)
class NotebookState:
    title: str
    mode: str
    kernel: str
    cell_count: int
    cells: Sequence[CellState]
    """Those asked for, in document order."""
    short: Mapping[UUID, str]
    numbers: Mapping[str, int]
    cycles: Sequence[Mapping[str, Any]]
    new_cells: int
    """How many cells are proposed and not decided."""


def notebook_state(*, actor: Actor, notebook_id: UUID, only: Sequence[UUID] | None = None) -> NotebookState:
    """All cells, or only these, as they are at one moment. Viewers."""
    with one_moment():
        require_role(actor, notebook_id, Role.VIEWER)
        notebook = Notebook.objects.get(id=notebook_id)
        kernel = kernel_state(actor=actor, notebook_id=notebook_id)["status"]
        known = dependencies(notebook_id)
        rows = _rows(notebook_id)
        wanted = set(only) if only is not None else {row.cell_id for row in rows}
        outputs = _outputs(notebook_id, wanted, is_all=only is None)
        proposed = _open_proposals(notebook_id)
    source_chars = max(LEAST_SOURCE_CHARS, min(MOST_SOURCE_CHARS, SOURCE_BUDGET_CHARS // max(1, len(wanted))))
    cells = [
        CellState(
            number=number,
            row=row,
            source=row.source[:source_chars],
            outputs=outputs.get(row.cell_id, ""),
            known=known.cells.get(str(row.cell_id)),
            proposals=proposed[row.cell_id],
        )
        for number, row in enumerate(rows, 1)
        if row.cell_id in wanted
    ]
    return NotebookState(
        title=notebook.title,
        mode=notebook.mode,
        kernel=kernel,
        cell_count=len(rows),
        cells=cells,
        short=short_ids(row.cell_id for row in rows),
        numbers={str(row.cell_id): number for number, row in enumerate(rows, 1)},
        cycles=known.cycles,
        new_cells=proposed[None],
    )


def written(state: NotebookState) -> str:
    """A line for the notebook, then for each cell a line of facts, its source and its outputs."""
    head = f"“{state.title}”, {state.cell_count:,} cells, runs {state.mode}, kernel {state.kernel}" + (
        f"; shown are {len(state.cells):,}" if len(state.cells) < state.cell_count else ""
    )
    if state.new_cells:
        head += f"; {state.new_cells} new cells are proposed"
    circles = [
        f"Cells {', '.join(str(state.numbers.get(each, '?')) for each in cycle['cell_ids'])} need each other "
        f"({', '.join(cycle['names'][:MAX_NAMES])}) and never run."
        for cycle in state.cycles
    ]
    return "\n".join([head, *circles, *(_cell(cell, state) for cell in state.cells)])


def facts(cell: CellState, state: NotebookState) -> str:
    """One line: number, id, version, kind, how it ended, what it has to do with others."""
    row = cell.row
    words = [f"[{cell.number}] {state.short[row.cell_id]} v{row.version} {row.kind}"]
    if row.is_disabled:
        words.append("disabled")
    if row.status not in _QUIET:
        words.append(row.status)
    if row.blocked_by:
        words.append(f"by cell {state.numbers.get(str(row.blocked_by), '(deleted)')}")
    if row.asks_input:
        words.append("waits for a person's input")
    if row.elapsed_ms is not None and row.elapsed_ms >= 1000:
        words.append(f"took {row.elapsed_ms / 1000:.1f} s")
    if cell.proposals:
        words.append(f"has {cell.proposals} open proposals")
    return " ".join([*words, *_relations(cell, state)])


def _relations(cell: CellState, state: NotebookState) -> list[str]:
    if cell.known is None:
        return []
    words = []
    if reads := cell.known["reads"]:
        named = [f"{name}<{state.numbers.get(producer, '?')}" for name, producer in reads.items()]
        words.append("reads " + _listed(named))
    if writes := cell.known["writes"]:
        words.append("writes " + _listed(writes))
    if stale := cell.known["stale"]:
        why = f" {stale['name']}" if stale.get("name") else ""
        words.append(f"STALE ({stale['reason'].replace('_', ' ')}{why})")
    if cell.known["error"]:
        words.append(f"UNREADABLE ({beginning(cell.known['error'], 100)})")
    words += [f"warning: {beginning(each, 100)}" for each in cell.known["warnings"][:2]]
    return words


def _cell(cell: CellState, state: NotebookState) -> str:
    lines = [facts(cell, state)]
    if cell.source:
        more = cell.row.source_chars - len(cell.source)
        lines += [f"| {line}" for line in cell.source.split("\n")]
        if more > 0:
            lines[-1] += f" […{more:,} more characters]"
    if cell.outputs:
        lines += [f"> {line}" for line in cell.outputs.split("\n")]
    return "\n".join(lines)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ",".join(beginning(name, 60) for name in names[:MAX_NAMES]) + more


def _rows(notebook_id: UUID) -> list[CellRow]:
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, {"notebook": notebook_id, "source_chars": MOST_SOURCE_CHARS})
        return [CellRow(*row) for row in cursor.fetchall()]


def _outputs(notebook_id: UUID, wanted: set[UUID], *, is_all: bool) -> dict[UUID, str]:
    """The previews of the outputs of each cell that has any."""
    limit = max(LEAST_OUTPUT_CHARS, min(TEXT_CHARS, OUTPUT_BUDGET_CHARS // max(1, len(wanted))))
    values = {
        "notebook": notebook_id,
        "only": None if is_all else list(wanted),
        "text_chars": 2 * TEXT_CHARS,
        "body_bytes": MAX_BODY_BYTES,
        "most": MAX_OUTPUTS,
    }
    pieces: dict[UUID, list[tuple[dict[str, Any], str]]] = defaultdict(list)
    counts: dict[UUID, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OUTPUTS, values)
        for cell_id, text, body, sizes, count in cursor:
            pieces[cell_id].append((loads(body) if body else _large(sizes), text))
            counts[cell_id] = count
    return {cell_id: _previews(found, counts[cell_id], limit) for cell_id, found in pieces.items()}


def _open_proposals(notebook_id: UUID) -> Counter[UUID | None]:
    """How many there are of each cell; of None those of new cells."""
    rows = Proposal.objects.filter(notebook_id=notebook_id, status=ProposalStatus.OPEN)
    return Counter(rows.values_list("cell_id", flat=True))


def _previews(pieces: list[tuple[dict[str, Any], str]], count: int, limit: int) -> str:
    texts = [preview(output, limit) for output in coalesced(pieces)]
    if count > len(pieces):
        texts.append("[… more outputs …]")
    return "\n".join(texts)


def _large(sizes: str | None) -> dict[str, Any]:
    """In place of an output that was not fetched."""
    told = ", ".join(
        f"{beginning(kind, 60)} {told_size(size)}" for kind, size in loads(sizes or "{}").items()
    )
    return {
        "output_type": "display_data",
        "data": {"text/plain": f"[{told or 'a long output'}; read_cell shows it]"},
    }
