"""How many queries a connection has at a time, in all workers together."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.utils import timezone

from apps.base.errors import TooMany
from apps.base.ids import new_id
from apps.data.models import Connection, QuerySlot

# Until a query gives up that finds none free, and how often it looks.
WAIT_S = 60.0
LOOK_AGAIN_S = 0.2

# Of a worker that died: a query has ended for sure so long after its time limit.
MARGIN_S = 120

_CLAIM = """
INSERT INTO data_queryslot (connection_id, number, holder, expires_at)
SELECT %(connection)s, number, %(holder)s, %(expires)s FROM generate_series(1, %(count)s) number
WHERE NOT EXISTS (
  SELECT FROM data_queryslot slot
  WHERE slot.connection_id = %(connection)s AND slot.number = number.number AND slot.expires_at > %(now)s
)
ORDER BY number LIMIT 1
ON CONFLICT (connection_id, number) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
WHERE data_queryslot.expires_at <= %(now)s
RETURNING 1
"""


@contextmanager
def query_slot(connection: Connection, keep_waiting: Callable[[], bool]) -> Iterator[None]:
    """Inside, one of the connection's queries runs. TooMany if none ends in time, or nobody waits any more."""
    holder = new_id()
    deadline = time.monotonic() + WAIT_S
    while not _claimed(connection, holder):
        if time.monotonic() > deadline or not keep_waiting():
            raise TooMany(
                f"{connection.max_queries} queries of this connection run already. Wait until one has ended, or "
                "ask its owner to allow more.",
                retry_after_s=30,
            )
        time.sleep(LOOK_AGAIN_S)
    try:
        yield
    finally:
        QuerySlot.objects.filter(holder=holder).delete()


def _claimed(connection: Connection, holder: UUID) -> bool:
    now = timezone.now()
    values: dict[str, Any] = {
        "connection": connection.id,
        "holder": holder,
        "now": now,
        "expires": now + timedelta(seconds=connection.timeout_s + MARGIN_S),
        "count": connection.max_queries,
    }
    try:
        with database.cursor() as cursor:
            cursor.execute(_CLAIM, values)
            return cursor.fetchone() is not None
    finally:
        # It may wait, and there are more queries than connections in the pool.
        database.close()
