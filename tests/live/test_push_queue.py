import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest

from apps.accounts.actors import SYSTEM
from apps.live import push_queue
from apps.live.push_queue import MAX_TOGETHER, PushQueue
from apps.notebooks.commands import Push


class Store:
    """In place of the database: remembers what came together, and cannot store version 13."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def push_cells(self, *, notebook_id: object, pushes: Sequence[Push]) -> list[int]:
        versions = [push.version for push in pushes]
        self.batches.append(versions)
        if 13 in versions:
            raise RuntimeError("There is no room on the disk.")
        return [version + 1 for version in versions]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store()
    monkeypatch.setattr(push_queue, "push_cells", store.push_cells)
    return store


def pushed(*versions: int) -> list[int | BaseException]:
    """What each of the pushes got that came at the same time."""

    async def all_at_once() -> list[int | BaseException]:
        queue = PushQueue(uuid4())
        pushes = [Push(SYSTEM, uuid4(), version, "tab", []) for version in versions]
        return await asyncio.gather(*(queue.push(push) for push in pushes), return_exceptions=True)

    return asyncio.run(all_at_once())


def test_what_waits_is_stored_together_in_order(store: Store) -> None:
    count = MAX_TOGETHER + 5
    versions = list(range(100, 100 + count))
    assert pushed(*versions) == [version + 1 for version in versions]
    assert store.batches == [versions[:MAX_TOGETHER], versions[MAX_TOGETHER:]]


def test_what_cannot_be_stored_takes_nothing_from_the_others(store: Store) -> None:
    before, failed, after = pushed(12, 13, 14)
    assert (before, after) == (13, 15)
    assert isinstance(failed, RuntimeError)
    assert store.batches == [[12, 13, 14], [12], [13], [14]]
