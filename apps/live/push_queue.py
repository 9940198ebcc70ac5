"""The pushes of a room's sockets: those that come while one is being stored are stored together after it.

Each for itself, they would wait for the notebook's lock with a thread and a database connection each, and pay for a
transaction each: with twenty people typing that was most of what a web server did.
"""

import asyncio
from uuid import UUID

from apps.live.threads import in_thread
from apps.notebooks.commands import Push, push_cells

# So that the first of a batch does not wait long for the last.
MAX_TOGETHER = 20

Waiting = tuple[Push, "asyncio.Future[int]"]


class PushQueue:
    def __init__(self, notebook_id: UUID) -> None:
        self._notebook_id = notebook_id
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def push(self, push: Push) -> int:
        """The version after it; raises what `push_cells` refuses it with."""
        stored: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((push, stored))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await stored

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
            if not await self._stored(batch) and len(batch) > 1:
                for each in batch:
                    await self._stored([each])

    async def _stored(self, batch: list[Waiting]) -> bool:
        """Whether each was stored or refused; a lone one that failed is told so."""
        try:
            pushes = [push for push, _ in batch]
            results = await in_thread(push_cells)(notebook_id=self._notebook_id, pushes=pushes)
        except Exception as error:
            # Nothing of a batch is stored then, and what is wrong with one of them is not the others' fault.
            if len(batch) == 1:
                _tell(batch[0][1], error)
            return False
        for (_, stored), result in zip(batch, results, strict=True):
            _tell(stored, result)
        return True


def _tell(stored: "asyncio.Future[int]", result: int | Exception) -> None:
    """Unless its socket has gone, and nobody waits any more."""
    if stored.done():
        return
    if isinstance(result, Exception):
        stored.set_exception(result)
    else:
        stored.set_result(result)
