"""Plans for a notebook as it is: its graph, and what its kernel will hold when all that is queued has run.

Graphs are kept per process; a graph costs more to make than all the rest of a small run.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from threading import Lock
from typing import NamedTuple, assert_never
from uuid import UUID

from django.db import connection
from orjson import loads

from apps.base.errors import Invalid
from apps.dataflow.cell import Cell, CellId
from apps.dataflow.graph import Graph, ObstacleKind, build_graph
from apps.dataflow.javascript_program import javascript_program
from apps.dataflow.kernel_state import KernelState, Outcome, Restore
from apps.dataflow.names import Names, javascript_names_of, names_of, sheet_names_of, sql_names_of
from apps.dataflow.plan import Plan, plan, plan_stale
from apps.dataflow.selection import Mode
from apps.dataflow.sheet_program import sheet_program
from apps.dataflow.sql_program import UNNAMED, sql_program
from apps.execution.kernel_memory import kernel_state
from apps.execution.models import ENDS_KERNEL, Lane, Scope
from apps.execution.planned_step import PlannedStep
from apps.kernels.models import Kernel, KernelStatus
from apps.notebooks.locking import get_cell
from apps.notebooks.models import RUNNABLE_KINDS, CellKind, Notebook
from apps.notebooks.models import Cell as CellRow

# Notebooks whose graphs stay in memory.
MAX_GRAPHS = 100


_CELLS = """
SELECT cell.id::text, version, is_disabled, lower(coalesce(
    nullif(metadata.it #>> '{language_info,name}', ''), metadata.it #>> '{kernelspec,language}', 'python'
)) IN ('python', ''), kind, result_name, coalesce(connection_id::text, '')
FROM notebooks_cell AS cell
JOIN (SELECT id, metadata AS it FROM notebooks_notebook) AS metadata ON metadata.id = cell.notebook_id
WHERE notebook_id = %s AND deleted_at IS NULL AND kind = ANY(%s) ORDER BY order_key
"""
_SOURCES = "SELECT id::text, source FROM notebooks_cell WHERE id = ANY(%s::uuid[])"

# What is queued, sent or runs, in the order in which it will end.
_QUEUE = """
SELECT cell_run.run_id, run.restores, run.kept, cell_run.cell_id::text, cell_run.key::text, cell_run.source,
    cell_run.step
FROM execution_cellrun cell_run JOIN execution_run run ON run.id = cell_run.run_id
WHERE cell_run.notebook_id = %s AND cell_run.status IN ('queued', 'sent', 'running')
ORDER BY cell_run.id
"""

# Whether the kernel holds variables of cells that are not cells any more, or never run.
_HAS_LEFTOVERS = """
SELECT EXISTS (
  SELECT FROM execution_lastturn turn
  JOIN execution_cellrun cell_run ON cell_run.id = turn.cell_run_id
  JOIN execution_binding binding ON binding.notebook_id = turn.notebook_id AND binding.key = cell_run.key
  JOIN notebooks_cell cell ON cell.id = turn.cell_id
  WHERE turn.notebook_id = %s
    AND (cell.deleted_at IS NOT NULL OR cell.kind <> ALL(%s) OR cell.is_disabled)
)
"""


_RUNNABLE = [kind.value for kind in RUNNABLE_KINDS]
# The kinds whose reads depend on what other cells bind.
_OF_OTHERS = (CellKind.SQL, CellKind.JAVASCRIPT)


class _Version(NamedTuple):
    """All that the graph's cell is made from but the text of that version."""

    cell_id: CellId
    version: int
    is_disabled: bool
    is_python: bool
    """Whether the notebook is. In other languages, which nobody here can read, no cell needs another."""
    kind: str
    """One of those that can run."""
    result_name: str
    connection_id: str
    """Of an SQL cell that asks a database elsewhere; empty: none."""


@dataclass(frozen=True)
class _Known:
    """`versions` are those of the cells of the graph, in document order, with what else makes them."""

    versions: tuple[_Version, ...]
    graph: Graph
    texts: Mapping[CellId, str]
    """Of the cells for which the kernel runs something else."""


_graphs: OrderedDict[UUID, _Known] = OrderedDict()
_graphs_lock = Lock()


def notebook_graph(notebook_id: UUID) -> Graph:
    """The graph of the notebook's live cells that can run."""
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, [notebook_id, _RUNNABLE])
        rows = map(_Version._make, cursor.fetchall())
        versions = tuple(row for row in rows if row.is_python or row.kind == CellKind.PYTHON)
    with _graphs_lock:
        known = _graphs.get(notebook_id)
    if known is None or known.versions != versions:
        known = _known(versions, known)
    with _graphs_lock:
        _graphs[notebook_id] = known
        _graphs.move_to_end(notebook_id)
        if len(_graphs) > MAX_GRAPHS:
            _graphs.popitem(last=False)
    return known.graph


def expected_state(notebook_id: UUID) -> KernelState:
    """What the kernel will hold when all that is queued has run, and nothing has failed."""
    kernel = Kernel.objects.filter(pk=notebook_id).values_list("status", flat=True).first()
    is_new = (
        kernel != KernelStatus.IDLE or Lane.objects.filter(pk=notebook_id, command__in=ENDS_KERNEL).exists()
    )
    state = KernelState() if is_new else kernel_state(notebook_id)
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, [notebook_id])
        rows = cursor.fetchall()
    for _, group in groupby(rows, key=lambda row: row[0]):
        turns = list(group)
        restores = loads(turns[0][1])
        steps = [PlannedStep.from_json(loads(turn[6])) for turn in turns]
        names = {*restores, *(name for step in steps for name in step.restores)}
        kept = loads(turns[0][2]) or {name: state.bindings[name] for name in names & state.bindings.keys()}
        for (*_, cell_id, key, source, _), step in zip(turns, steps, strict=True):
            step.begin(state, kept)
            step.end(state, cell_id, source, key, Outcome.OK)
        state.restore(Restore(name, kept.get(name)) for name in restores)
    return state


def make_plan(notebook: Notebook, graph: Graph, scope: Scope, cell_id: UUID | None) -> Plan:
    """The plan for this request. Invalid if it names no cell, or one that never runs."""
    state = expected_state(notebook.id)
    if scope is Scope.STALE:
        return plan_stale(graph, state)
    made = plan(graph, state, _roots(notebook, graph, scope, cell_id), Mode(notebook.mode))
    if not made.steps:
        raise Invalid(_why_nothing_runs(made, scope))
    return made


def names_to_forget(notebook_id: UUID, state: KernelState) -> list[str]:
    """The variables that only cells bound that are gone or disabled by now. For a lane whose queue is empty."""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_LEFTOVERS, [notebook_id, _RUNNABLE])
        (has_leftovers,) = cursor.fetchone()
    return list(plan(notebook_graph(notebook_id), state, (), Mode.LAZY).forget) if has_leftovers else []


def _known(versions: tuple[_Version, ...], known: _Known | None) -> _Known:
    before = {version.cell_id: version for version in known.versions} if known else {}
    old_cells: Mapping[CellId, Cell] = known.graph.cells if known else {}
    changed = [row.cell_id for row in versions if not _has_same_text(row, before.get(row.cell_id))]
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, [changed])
        sources = dict(cursor.fetchall())
    old_texts: Mapping[CellId, str] = known.texts if known else {}
    texts = {
        row.cell_id: sources.get(row.cell_id, old_texts.get(row.cell_id, ""))
        for row in versions
        if row.kind in _OF_OTHERS
    }
    others = {
        row.cell_id: make(row, sources.get(row.cell_id), old_cells.get(row.cell_id))
        for row in versions
        if (make := _MAKERS.get(row.kind))
    }
    sql = _sql_cells([row for row in versions if row.kind == CellKind.SQL], texts, others.values())
    binding = others | sql
    leaves = _javascript_cells(
        [row for row in versions if row.kind == CellKind.JAVASCRIPT], texts, binding.values()
    )
    made = binding | leaves
    cells = [made[row.cell_id] for row in versions]
    if known and _is_same_but_for_sources(list(old_cells.values()), cells):
        graph = replace(known.graph, cells={cell.cell_id: cell for cell in cells})
    else:
        graph = build_graph(cells)
    return _Known(versions, graph, texts)


def _has_same_text(new: _Version, old: _Version | None) -> bool:
    if old is None or old == new:
        return old is not None
    return old._replace(is_disabled=new.is_disabled, connection_id=new.connection_id) == new


def _python_cell(row: _Version, source: str | None, old: Cell | None) -> Cell:
    """`source` is None if it is that of `old`.

    While a text cannot be parsed, mostly because somebody is typing, the cell does what it did before.
    """
    if source is None and old is not None:
        return _enabled(old, row)
    names = names_of(source or "") if row.is_python else Names()
    if names.error and old:
        names = old.names
    return Cell(row.cell_id, source or "", names, row.is_disabled)


def _sheet_cell(row: _Version, source: str | None, old: Cell | None) -> Cell:
    """`source` is None if text and name are those of `old`. Its source is what the kernel runs for it."""
    if source is None and old is not None:
        return _enabled(old, row)
    result = row.result_name or UNNAMED
    return Cell(row.cell_id, sheet_program(source or "", result), sheet_names_of(result), row.is_disabled)


def _enabled(old: Cell, row: _Version) -> Cell:
    """The cell or, if it was enabled or disabled, one that is."""
    return old if old.is_disabled == row.is_disabled else replace(old, is_disabled=row.is_disabled)


# Of those that are made without knowing the others.
_MAKERS: Mapping[str, Callable[[_Version, str | None, Cell | None], Cell]] = {
    CellKind.PYTHON: _python_cell,
    CellKind.SHEET: _sheet_cell,
}


def _sql_cells(
    rows: list[_Version], statements: Mapping[CellId, str], others: Iterable[Cell]
) -> dict[CellId, Cell]:
    """What another cell binds can be used as a table. Their source is what the kernel runs for them."""
    if not rows:
        return {}
    results = {row.cell_id: row.result_name or UNNAMED for row in rows}
    binders = Counter(name for cell in others for name in cell.names.writes)
    binders.update(results.values())
    cells = {}
    for row in rows:
        statement, result = statements[row.cell_id], results[row.cell_id]
        of_others = frozenset(name for name, count in binders.items() if count > (name == result))
        # In a database elsewhere no dataframe is a table.
        names = sql_names_of(statement, result, frozenset() if row.connection_id else of_others)
        program = sql_program(statement, result, row.connection_id)
        cells[row.cell_id] = Cell(row.cell_id, program, names, row.is_disabled)
    return cells


def _javascript_cells(
    rows: list[_Version], texts: Mapping[CellId, str], binding: Iterable[Cell]
) -> dict[CellId, Cell]:
    """Their source is what the kernel runs for them, and names what they are given: only what some cell binds."""
    if not rows:
        return {}
    variables = frozenset(name for cell in binding for name in cell.names.writes)
    cells = {}
    for row in rows:
        text = texts[row.cell_id]
        names = javascript_names_of(text, variables)
        cells[row.cell_id] = Cell(row.cell_id, javascript_program(text, names.reads), names, row.is_disabled)
    return cells


def _is_same_but_for_sources(old: list[Cell], new: list[Cell]) -> bool:
    """As after most keystrokes: then nothing of the graph changes."""
    return len(old) == len(new) and all(
        before is after
        or (
            before.cell_id == after.cell_id
            and before.is_disabled == after.is_disabled
            and before.names == after.names
        )
        for before, after in zip(old, new, strict=True)
    )


def _roots(notebook: Notebook, graph: Graph, scope: Scope, cell_id: UUID | None) -> list[CellId]:
    if scope is Scope.ALL:
        return list(graph.cells)
    if cell_id is None:
        raise Invalid("This scope needs a cell.", field="cell")
    cell = get_cell(notebook, cell_id)
    if scope is Scope.CELL:
        if cell.kind not in RUNNABLE_KINDS:
            raise Invalid(f"A {CellKind(cell.kind).label} cell cannot be run.", cell_id=str(cell.id))
        return [str(cell.id)]
    near = {"order_key__lt": cell.order_key} if scope is Scope.ABOVE else {"order_key__gte": cell.order_key}
    rows = CellRow.objects.filter(notebook=notebook, deleted_at=None, kind__in=RUNNABLE_KINDS, **near)
    return [str(cell_id) for cell_id in rows.order_by("order_key").values_list("id", flat=True)]


def _why_nothing_runs(made: Plan, scope: Scope) -> str:
    if not made.skipped:
        return "There is no cell to run there."
    if scope is not Scope.CELL:
        return "All the cells there are disabled, depend on disabled ones, or need each other."
    ((cell_id, obstacle),) = made.skipped.items()
    match obstacle.kind:
        case ObstacleKind.DISABLED if obstacle.cell_id == cell_id:
            return "This cell is disabled. Enable it to run it."
        case ObstacleKind.DISABLED:
            return "This cell depends on a disabled one. Enable that to run it."
        case ObstacleKind.CYCLE:
            return (
                "This cell needs cells that need this one, so no order is right. Break the circle to run it."
            )
        case _:
            assert_never(obstacle.kind)
