"""The warm kernels of a worker: started before anybody asks for one, and ready.

They belong to the worker's process alone and are in no row: `take` gives one to a lane of this process, which writes it
down. When the worker stops it ends them; if it is killed, they are orphans (orphans.py), which the next worker ends. A
pooled kernel is sandboxed and limited like any other, and was made with the settings of its worker. Without a sandbox
there is no pool: a kernel's home is then part of its environment, and cannot be another's.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import Error, connection

from apps.base.errors import Unavailable
from apps.kernels.children import reap
from apps.kernels.connection import KernelConnection
from apps.kernels.folders import folders_of
from apps.kernels.orphans import end_orphans
from apps.kernels.processes import KernelProcess
from apps.kernels.sandbox import SandboxKind, sandbox_state
from apps.kernels.template import template

logger = logging.getLogger(__name__)

# Kernels that nobody waits for start so many at a time, and leave the rest of the machine to those that somebody does.
unasked_starts = threading.BoundedSemaphore(max(1, (os.cpu_count() or 1) // 2))

# Whoever got a kernel runs something in it first.
REFILL_AFTER_S = 1.0
# How often to see whether they live.
LOOK_S = 5.0
# Packages may have been updated since.
MAX_AGE_S = 3600
# If they cannot be started: twice as long after each failure.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
ORPHANS_INTERVAL_S = 60


@dataclass(frozen=True)
class _Warm:
    process: KernelProcess
    since: float = field(default_factory=time.monotonic)


class KernelPool:
    """`take` is called by lanes; all else happens in a thread of its own."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._warm: list[_Warm] = []
        self._lock = threading.Lock()  # of `_warm`
        self._changed = threading.Event()
        self._stops = threading.Event()
        self._pause_s = FIRST_PAUSE_S
        # No daemon: the process ends when it has ended its kernels.
        self._thread = threading.Thread(target=self._run, name="kernel-pool")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns at once; the thread then ends the kernels."""
        self._stops.set()
        self._changed.set()

    def take(self, notebook_id: UUID) -> KernelProcess | None:
        """A ready kernel, which is the notebook's from now on; None if there is none, or the notebook has files."""
        folders = folders_of(notebook_id)
        if not self._warm or not folders.are_unused:
            return None
        with self._lock:
            warm = self._warm.pop(0) if self._warm else None
        self._changed.set()
        if warm is None or warm.process.exit_code() is not None:
            if warm:
                warm.process.discard()
            return None
        try:
            return warm.process.move_to(notebook_id)
        except OSError as error:
            logger.warning("A pooled kernel could not become that of %s: %s", notebook_id, error)
            warm.process.discard()
            return None

    # Private: the thread

    def _run(self) -> None:
        if sandbox_state().kind is SandboxKind.BWRAP:
            template.start()
        orphans_at = 0.0
        while not self._stops.is_set():
            if time.monotonic() >= orphans_at:
                _end_orphans()
                orphans_at = time.monotonic() + ORPHANS_INTERVAL_S
            try:
                reap()
                self._tend()
            except Exception:
                logger.exception("The pool of kernels could not be looked after.")
                self._stops.wait(LONGEST_PAUSE_S)
            if self._changed.wait(LOOK_S):
                self._changed.clear()
                self._stops.wait(REFILL_AFTER_S)
        with self._lock:
            left, self._warm = self._warm, []
        for warm in left:
            warm.process.discard()

    def _tend(self) -> None:
        """Drop what is dead, too large or too old, and start what is missing."""
        with self._lock:
            bad = [warm for warm in self._warm if not _is_good(warm)]
            self._warm = [warm for warm in self._warm if warm not in bad]
        for warm in bad:
            warm.process.discard()
        if self._size and sandbox_state().kind is SandboxKind.BWRAP:
            while not self._stops.is_set() and len(self._warm) < self._size and self._add():
                pass

    def _add(self) -> bool:
        """Whether it worked. A failure is waited out here: nothing else needs this thread."""
        with unasked_starts:
            try:
                process = self._started()
            except (OSError, Unavailable) as error:
                logger.warning("The pool could not start a kernel: %s", error)
                process = None
        if process is None:
            self._stops.wait(self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            return False
        self._pause_s = FIRST_PAUSE_S
        with self._lock:
            self._warm.append(_Warm(process))
        return True

    def _started(self) -> KernelProcess | None:
        """Ready; None if it does not get ready, or is not wanted any more."""
        process = KernelProcess.launch_for_pool()
        kernel = KernelConnection(process.connection_info)
        is_ready = False
        try:
            is_ready = kernel.wait_until_ready(
                settings.KERNEL_START_TIMEOUT_S,
                keep_waiting=lambda: process.exit_code() is None and not self._stops.is_set(),
            )
        finally:
            kernel.close()
            if not is_ready:
                process.discard()
        return process if is_ready else None


def start() -> None:
    """Once per worker."""
    global _pool
    _pool = KernelPool(0 if settings.KERNEL_GATEWAYS else settings.KERNEL_POOL)
    _pool.start()


def stop() -> None:
    if _pool:
        _pool.stop()


def take(notebook_id: UUID) -> KernelProcess | None:
    """None in a process without a pool."""
    return _pool.take(notebook_id) if _pool else None


_pool: KernelPool | None = None


def _is_good(warm: _Warm) -> bool:
    is_young = time.monotonic() - warm.since < MAX_AGE_S
    return is_young and warm.process.exit_code() is None and not warm.process.excess()


def _end_orphans() -> None:
    try:
        end_orphans()
    except Error:
        logger.exception("The kernels that were left over could not be looked for.")
    finally:
        connection.close()
