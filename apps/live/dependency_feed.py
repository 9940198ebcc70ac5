"""Tells the sockets of a room what cells read and write and what is stale, after every change, by differences.

It is computed for the room, not for each socket, and from what was computed before: most keystrokes change no name.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from apps.base.wire import dumps
from apps.execution.dependencies import Dependencies, changes, dependencies
from apps.live.threads import in_thread
from apps.notebooks.one_moment import one_moment

logger = logging.getLogger(__name__)

# The first change is told at once, those that follow are gathered: for this long, and in a notebook in which it takes
# long, so that it takes a fifth of a core at most.
PAUSE_S = 0.05
PAUSE_FACTOR = 4

# Events after which the kernel may hold something else; after all others only the cells do.
KERNEL_EVENTS = ('"type":"cell_statuses"', '"type":"kernel_status"')


class DependencyFeed:
    def __init__(self, notebook_id: UUID, send_to_all: Callable[[str], Awaitable[None]]) -> None:
        self._notebook_id = notebook_id
        self._send_to_all = send_to_all
        self._known: Dependencies | None = None
        self._is_kernel_known = False
        self._is_due = False
        self._task: asyncio.Task[None] | None = None

    # Lifecycle

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    # Actions

    def hear(self, text: str) -> None:
        """A frame was published to the notebook."""
        if text.startswith('{"type":"event"'):
            if any(kind in text for kind in KERNEL_EVENTS):
                self._is_kernel_known = False
            self.refresh()

    def refresh(self) -> None:
        self._is_due = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def whole(self) -> str | None:
        """The frame for a socket that has just opened; None: nothing is known yet, and all will be told soon."""
        return None if self._known is None else dumps(changes(None, self._known))

    # Private

    async def _run(self) -> None:
        while self._is_due:
            self._is_due = False
            started = time.monotonic()
            try:
                text = await in_thread(self._refresh)()
            except Exception:
                # The next change, or the next socket, tries again.
                self._is_kernel_known = False
                logger.exception("The dependencies of notebook %s could not be told.", self._notebook_id)
                return
            if text is not None:
                await self._send_to_all(text)
            await asyncio.sleep(max(PAUSE_S, (time.monotonic() - started) * PAUSE_FACTOR))

    def _refresh(self) -> str | None:
        keep_kernel, self._is_kernel_known = self._is_kernel_known, True
        with one_moment():
            known = dependencies(self._notebook_id, self._known, keep_kernel=keep_kernel)
        frame = changes(self._known, known)
        self._known = known
        return None if frame is None else dumps(frame)
