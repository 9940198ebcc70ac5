"""One owner a lane; whoever lost the lease cannot write."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.base.errors import NotFound
from apps.execution.commands import request_run, restart_kernel
from apps.execution.lease import LaneLost, Lease
from apps.execution.models import CellRun, CellRunStatus, Lane, LaneCommand
from apps.notebooks.commands import delete_notebook
from apps.notebooks.models import Cell, Notebook
from tests.support.cast import Person
from tests.support.races import at_once


def expire(notebook: Notebook) -> None:
    Lane.objects.filter(notebook=notebook).update(expires_at=timezone.now() - timedelta(seconds=1))


def command_of(lease: Lease) -> LaneCommand:
    with transaction.atomic():
        return lease.fence()[1]


def test_one_owner(notebook: Notebook) -> None:
    leases = at_once(8, lambda _: Lease.acquire(notebook.id))
    assert len([lease for lease in leases if isinstance(lease, Lease)]) == 1
    assert len([lease for lease in leases if lease is None]) == 7


def test_a_released_lane_is_free(notebook: Notebook) -> None:
    first = Lease.acquire(notebook.id)
    assert first
    first.release()
    assert Lease.acquire(notebook.id)


def test_who_lost_the_lease_cannot_write(notebook: Notebook) -> None:
    first = Lease.acquire(notebook.id)
    assert first
    command_of(first)
    expire(notebook)
    second = Lease.acquire(notebook.id)
    assert second
    with pytest.raises(LaneLost):
        command_of(first)
    with pytest.raises(LaneLost):
        first.claim()
    first.release()
    first.done(LaneCommand.RESTART)
    # None of that touched the new owner's lease.
    assert Lease.acquire(notebook.id) is None
    command_of(second)


def test_an_owner_that_was_late_but_not_replaced_goes_on(notebook: Notebook) -> None:
    lease = Lease.acquire(notebook.id)
    assert lease
    expire(notebook)
    command_of(lease)
    assert Lease.acquire(notebook.id) is None


def test_renewing_tells_the_command_until_it_is_done(owner: Person, notebook: Notebook) -> None:
    lease = Lease.acquire(notebook.id)
    assert lease
    assert command_of(lease) == LaneCommand.NONE
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    assert command_of(lease) == LaneCommand.RESTART
    lease.done(LaneCommand.INTERRUPT)
    assert command_of(lease) == LaneCommand.RESTART
    lease.done(LaneCommand.RESTART)
    assert command_of(lease) == LaneCommand.NONE


def test_a_command_comes_before_the_queue(owner: Person, notebook: Notebook, cell: Cell) -> None:
    lease = Lease.acquire(notebook.id)
    assert lease
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    Lane.objects.filter(notebook=notebook).update(command=LaneCommand.INTERRUPT)
    assert lease.claim() == (LaneCommand.INTERRUPT, None)
    lease.done(LaneCommand.INTERRUPT)
    command, claimed = lease.claim()
    assert claimed
    (turn,) = claimed.turns
    assert (command, turn.run_id, turn.cell_id, turn.source) == ("", run.id, cell.id, cell.source)
    assert not turn.cell_is_deleted
    # It is nobody else's now.
    assert lease.claim() == (LaneCommand.NONE, None)
    assert CellRun.objects.get(id=turn.id).status == CellRunStatus.SENT


def test_a_deleted_notebook_has_no_lane(owner: Person, notebook: Notebook) -> None:
    lease = Lease.acquire(notebook.id)
    assert lease
    delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    with pytest.raises(NotFound):
        command_of(lease)
