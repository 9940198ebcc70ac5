"""What is known of a notebook's kernel, in rows: how each cell last ended in it, and who bound each name.

A lane is the only one that writes them, in its fenced transactions; planners and pages read. They go with the kernel.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from orjson import loads

from apps.base.wire import dumps
from apps.dataflow.kernel_state import KernelState, LastRun, Outcome, Restore, RunId
from apps.execution.models import Binding, Lane, LastTurn
from apps.execution.turn import TurnEnd
from apps.execution.widget_rows import forget_widgets

_LAST_TURNS = """
SELECT turn.cell_id::text, cell_run.key::text, cell_run.source, turn.inputs, turn.outcome
FROM execution_lastturn turn JOIN execution_cellrun cell_run ON cell_run.id = turn.cell_run_id
WHERE turn.notebook_id = %s
"""
_BINDINGS = "SELECT name, key::text FROM execution_binding WHERE notebook_id = %s"

_STORE_TURNS = """
INSERT INTO execution_lastturn (cell_id, notebook_id, cell_run_id, inputs, outcome)
SELECT cell_id, %s, cell_run_id, inputs::jsonb, outcome
FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[]) AS new (cell_id, cell_run_id, inputs, outcome)
ON CONFLICT (cell_id) DO UPDATE
SET cell_run_id = EXCLUDED.cell_run_id, inputs = EXCLUDED.inputs, outcome = EXCLUDED.outcome
"""
_BIND = """
INSERT INTO execution_binding (notebook_id, name, key)
SELECT %s, name, key FROM unnest(%s::text[], %s::uuid[]) AS new (name, key)
ON CONFLICT (notebook_id, md5(name)) DO UPDATE SET key = EXCLUDED.key
"""
_UNBIND = """
DELETE FROM execution_binding
WHERE notebook_id = %s AND md5(name) IN (SELECT md5(name) FROM unnest(%s::text[]) AS gone (name))
"""


def kernel_state(notebook_id: UUID) -> KernelState:
    """As it is stored: what is queued or runs is not in it yet."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_TURNS, [notebook_id])
        last_runs = {
            cell_id: LastRun(key, source, loads(inputs), Outcome(outcome))
            for cell_id, key, source, inputs, outcome in cursor
        }
        cursor.execute(_BINDINGS, [notebook_id])
        return KernelState(last_runs, dict(cursor.fetchall()))


def forget_kernel(notebook_id: UUID) -> None:
    """The kernel is gone, and all names with it. The next one counts its messages anew."""
    LastTurn.objects.filter(notebook_id=notebook_id).delete()
    Binding.objects.filter(notebook_id=notebook_id).delete()
    Lane.objects.filter(pk=notebook_id).update(heard=0)
    forget_widgets(notebook_id)


class KernelMemory:
    """A lane's. `begin`, `end` and `forget` tell it what happens, in that order; `store` writes what that changed."""

    def __init__(self, notebook_id: UUID) -> None:
        self.state = kernel_state(notebook_id)
        self._notebook_id = notebook_id
        self._turns: dict[UUID, int] = {}
        self._names: set[str] = set()

    def bindings_of(self, names: Iterable[str]) -> dict[str, RunId]:
        """`{name: run}` of those that are bound."""
        return {name: self.state.bindings[name] for name in names if name in self.state.bindings}

    def end(self, end: TurnEnd, kept: Mapping[str, RunId]) -> None:
        """`kept`: what the names had, when the plan began, that it restores."""
        if end.outcome is None:
            return
        turn = end.turn
        turn.step.begin(self.state, kept)
        turn.step.end(self.state, str(turn.cell_id), turn.source, turn.key, end.outcome)
        self._turns[turn.cell_id] = turn.id
        self._names.update(turn.step.restores, turn.step.clears, turn.step.binds)

    def restore(self, names: Iterable[str], kept: Mapping[str, RunId]) -> None:
        names = list(names)
        self.state.restore(Restore(name, kept.get(name)) for name in names)
        self._names.update(names)

    def forget(self, names: Iterable[str]) -> None:
        names = list(names)
        self.state.forget(names)
        self._names.update(names)

    def store(self) -> None:
        """In the caller's transaction."""
        turns, self._turns = self._turns, {}
        names, self._names = self._names, set()
        bound = self.bindings_of(names)
        with connection.cursor() as cursor:
            if turns:
                ends = [self.state.last_runs[str(cell_id)] for cell_id in turns]
                inputs = [dumps(end.inputs) for end in ends]
                outcomes = [str(end.outcome) for end in ends]
                columns: list[list[Any]] = [list(turns), list(turns.values()), inputs, outcomes]
                cursor.execute(_STORE_TURNS, [self._notebook_id, *columns])
            if bound:
                cursor.execute(_BIND, [self._notebook_id, list(bound), list(bound.values())])
            if unbound := names - bound.keys():
                cursor.execute(_UNBIND, [self._notebook_id, list(unbound)])
