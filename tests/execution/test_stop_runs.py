"""Stopping some runs of a notebook: what of the queue goes, and what the lane is asked to do.

The test holds the lane, so nothing runs. With workers and kernels: tests/assistant/test_stopping_cells.py.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.base.errors import Forbidden, NotFound
from apps.execution.commands import interrupt, request_run, restart_kernel, stop_runs
from apps.execution.models import CellRun, CellRunStatus, Lane, LaneCommand, Run, RunStatus
from apps.journal.models import AuditEntry
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell
from tests.support.replay import verified_replay


@pytest.fixture
def lane(notebook: Notebook) -> Lane:
    return Lane.objects.create(notebook=notebook, fence=1, expires_at=timezone.now() + timedelta(hours=1))


def run_of(person: Person, cell: Cell) -> Run:
    return request_run(actor=person.actor, notebook_id=cell.notebook_id, scope="cell", cell_id=cell.id)


def stop(person: Person, notebook: Notebook, *runs: Run) -> None:
    stop_runs(actor=person.actor, notebook_id=notebook.id, run_ids=[run.id for run in runs])


def command_of(lane: Lane) -> str:
    lane.refresh_from_db()
    return lane.command


def claim(run: Run, status: CellRunStatus = CellRunStatus.SENT) -> None:
    """As a lane does."""
    CellRun.objects.filter(run=run).update(status=status)


def test_only_these_leave_the_queue(lane: Lane, owner: Person, editor: Person, notebook: Notebook) -> None:
    """A cell that another run wants too stays queued."""
    both, mine = add_cell(owner, notebook, "x = 1"), add_cell(owner, notebook, "y = 1")
    runs = [run_of(owner, both), run_of(owner, mine)]
    others = run_of(editor, both)
    with verified_replay(owner, notebook):
        stop(editor, notebook, *runs)
    assert list(Run.objects.filter(id__in=[run.id for run in runs]).values_list("status", flat=True)) == [
        RunStatus.CANCELLED,
        RunStatus.CANCELLED,
    ]
    others.refresh_from_db()
    assert others.status == RunStatus.QUEUED
    for cell, status in ((both, CellStatus.QUEUED), (mine, CellStatus.CANCELLED)):
        cell.refresh_from_db()
        assert cell.status == status
    assert command_of(lane) == LaneCommand.NONE
    entry = AuditEntry.objects.get(notebook_id=notebook.id, action="stop_runs")
    assert sorted(entry.details["run_ids"]) == sorted(str(run.id) for run in runs)


@pytest.mark.parametrize("status", [CellRunStatus.SENT, CellRunStatus.RUNNING])
def test_the_lane_interrupts_what_it_has_of_them(
    lane: Lane, owner: Person, notebook: Notebook, status: CellRunStatus
) -> None:
    run = run_of(owner, add_cell(owner, notebook, "x = 1"))
    claim(run, status)
    stop(owner, notebook, run)
    assert command_of(lane) == LaneCommand.STOP_RUN


def test_the_lane_keeps_what_it_has_of_others(
    lane: Lane, owner: Person, editor: Person, notebook: Notebook
) -> None:
    others = run_of(editor, add_cell(owner, notebook, "x = 1"))
    claim(others, CellRunStatus.RUNNING)
    run = run_of(owner, add_cell(owner, notebook, "y = 1"))
    stop(owner, notebook, run)
    assert command_of(lane) == LaneCommand.NONE
    assert list(CellRun.objects.filter(run=others).values_list("status", flat=True)) == ["running"]


def test_the_stronger_command_stays(lane: Lane, owner: Person, notebook: Notebook) -> None:
    run = run_of(owner, add_cell(owner, notebook, "x = 1"))
    claim(run)
    stop(owner, notebook, run)
    interrupt(actor=owner.actor, notebook_id=notebook.id)
    assert command_of(lane) == LaneCommand.INTERRUPT
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    stop(owner, notebook, run)
    assert command_of(lane) == LaneCommand.RESTART


def test_nothing_to_stop(lane: Lane, owner: Person, notebook: Notebook) -> None:
    """Runs that have ended, and such as there never were."""
    run = run_of(owner, add_cell(owner, notebook, "x = 1"))
    stop(owner, notebook, run)
    with verified_replay(owner, notebook, events=0):
        stop(owner, notebook, run)
        stop_runs(actor=owner.actor, notebook_id=notebook.id, run_ids=[uuid4()])
        stop(owner, notebook)
    assert AuditEntry.objects.filter(notebook_id=notebook.id, action="stop_runs").count() == 1


def test_for_whom(lane: Lane, owner: Person, viewer: Person, stranger: Person, notebook: Notebook) -> None:
    run = run_of(owner, add_cell(owner, notebook, "x = 1"))
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Forbidden):
            stop(viewer, notebook, run)
        with pytest.raises(NotFound):
            stop(stranger, notebook, run)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
