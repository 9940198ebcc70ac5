"""Which turns of a plan cannot run because of cells outside of it."""

from collections.abc import Iterable
from uuid import UUID

from apps.dataflow.kernel_state import KernelState, Outcome
from apps.execution.turn import Turn
from apps.notebooks.models import Cell


def blocked_turns(turns: Iterable[Turn], state: KernelState) -> dict[str, UUID]:
    """`{key: failed cell}` of the turns that depend, directly or not, on a cell that did not end well."""
    blocked: dict[str, UUID] = {}
    planned: dict[str, UUID | None] = {}  # by cell, the failed cell that blocks it
    for turn in turns:
        producers = dict.fromkeys(turn.step.inputs.values())
        failures = (
            planned[cell_id] if cell_id in planned else _failure_behind(cell_id, state)
            for cell_id in producers
        )
        failed = planned[str(turn.cell_id)] = next(filter(None, failures), None)
        if failed:
            blocked[turn.key] = failed
    return blocked


def _failure_behind(cell_id: str, state: KernelState) -> UUID | None:
    """The failed cell because of which this one ended badly: itself, or the one that blocked it."""
    last = state.last_runs.get(cell_id)
    if last is None or last.outcome is Outcome.OK:
        return None
    if last.outcome is Outcome.BLOCKED:
        return Cell.objects.values_list("blocked_by_id", flat=True).get(id=cell_id) or UUID(cell_id)
    return UUID(cell_id)
