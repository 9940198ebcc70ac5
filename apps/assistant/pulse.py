"""A turn's heartbeat: it keeps the lease, stores what was shown, and notices that somebody wants the turn to stop.

Whoever waits for something in a turn waits here, or asks `should_stop`, so that a stop takes effect in time.
"""

import logging
import time
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from apps.assistant.feed import TurnFeed
from apps.assistant.lease import Lease, LeaseLost
from apps.assistant.models import Turn
from apps.assistant.presence import AssistantPresence
from apps.assistant.turn_end import TurnCancelled, WorkerStops
from apps.execution import worker

logger = logging.getLogger(__name__)

# A stop takes effect within a second, so somebody looks for it this often; what was shown is stored as often.
BEAT_S = 0.3


class Pulse:
    def __init__(self, lease: Lease, turn: Turn, feed: TurnFeed, presence: AssistantPresence) -> None:
        self._lease = lease
        self._turn_id: UUID = turn.id
        self._feed = feed
        self._presence = presence
        self._beat_at = 0.0
        self._counted_ms = turn.active_ms
        self._counted_at = time.monotonic()
        self._is_cancelled = False
        self._is_lost = False

    def beat(self, *, at_once: bool = False) -> None:
        """If it is time. TurnCancelled, WorkerStops or LeaseLost."""
        if worker.stops.is_set():
            raise WorkerStops
        if not self._is_cancelled and (at_once or time.monotonic() >= self._beat_at):
            self._is_cancelled = self._look()
        if self._is_cancelled:
            raise TurnCancelled

    def wait(self, seconds: float) -> None:
        """With a beating heart."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            self.beat()
            worker.stops.wait(min(left_s, BEAT_S))
        self.beat()

    def patience_s(self, until_flush_s: float | None) -> float:
        """How long one may wait for something before it is time for the next beat, or for what was gathered."""
        until_beat_s = max(0.0, self._beat_at - time.monotonic())
        return until_beat_s if until_flush_s is None else min(until_beat_s, until_flush_s)

    def should_stop(self) -> bool:
        """For tools that wait: no exception, and nothing in a transaction of theirs."""
        if connection.in_atomic_block:
            return self._is_cancelled
        try:
            self.beat()
        except (TurnCancelled, WorkerStops):
            return True
        except LeaseLost:
            self._is_lost = True
            return True
        return False

    def check(self) -> None:
        """After a tool that waited: raises what made it stop."""
        if self._is_lost:
            raise LeaseLost
        self.beat(at_once=True)

    def look_once_more(self) -> None:
        """In a transaction that holds the notebook: who stopped the turn before it, finds nothing done after."""
        if Turn.objects.filter(pk=self._turn_id, is_cancel_requested=True).exists():
            self._is_cancelled = True
            raise TurnCancelled

    def active_ms(self) -> int:
        """How long the turn has been worked on since its budget was given."""
        return self._counted_ms + round((time.monotonic() - self._counted_at) * 1000)

    def account(self, **changes: Any) -> None:
        """Write that down, in the caller's transaction, with other changes of the turn's row."""
        now = time.monotonic()
        added_ms = round((now - self._counted_at) * 1000)
        self._counted_at, self._counted_ms = now, self._counted_ms + added_ms
        Turn.objects.filter(pk=self._turn_id).update(active_ms=F("active_ms") + added_ms, **changes)

    def _look(self) -> bool:
        self._beat_at = time.monotonic() + BEAT_S
        self._presence.repeat()
        try:
            if not self._feed.is_dirty:
                return self._lease.beat(self._turn_id)
            self._feed.is_dirty = False
            return self._lease.beat_and_store(
                self._turn_id,
                blocks=self._feed.blocks,
                offset=self._feed.offset,
                notice=self._feed.notice,
            )
        finally:
            # Back to the pool: turns that wait must not keep all connections from the others.
            connection.close()
