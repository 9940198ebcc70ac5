"""One owner a lane; whoever lost the lease cannot write."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.execution.commands import restart_kernel
from apps.execution.lease import LaneLost, Lease
from apps.execution.models import Lane, LaneCommand
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.races import at_once


def expire(notebook: Notebook) -> None:
    Lane.objects.filter(notebook=notebook).update(expires_at=timezone.now() - timedelta(seconds=1))


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
    first.renew()
    expire(notebook)
    second = Lease.acquire(notebook.id)
    assert second
    with pytest.raises(LaneLost), transaction.atomic():
        first.renew()
    first.release()
    first.done(LaneCommand.RESTART)
    # None of that touched the new owner's lease.
    assert Lease.acquire(notebook.id) is None
    second.renew()


def test_an_owner_that_was_late_but_not_replaced_goes_on(notebook: Notebook) -> None:
    lease = Lease.acquire(notebook.id)
    assert lease
    expire(notebook)
    lease.renew()
    assert Lease.acquire(notebook.id) is None


def test_renewing_tells_the_command_until_it_is_done(owner: Person, notebook: Notebook) -> None:
    lease = Lease.acquire(notebook.id)
    assert lease
    assert lease.renew() == LaneCommand.NONE
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    assert lease.renew() == LaneCommand.RESTART
    lease.done(LaneCommand.INTERRUPT)
    assert lease.renew() == LaneCommand.RESTART
    lease.done(LaneCommand.RESTART)
    assert lease.renew() == LaneCommand.NONE
