"""How many runs a person may ask for in an hour, by hand, with a token or through the assistant.

An hour begins with the first run after the last one ended: one row a person, and one statement.
"""

import math

from django.conf import settings
from django.db import connection

from apps.accounts.actors import Actor
from apps.base.errors import TooMany

HOUR_S = 3600

# A row that is not changed is not returned: then the allowance is used up.
_COUNT = """
INSERT INTO execution_runallowance AS allowance (user_id, began_at, runs)
VALUES (%(user)s, statement_timestamp(), 1)
ON CONFLICT (user_id) DO UPDATE SET
  (runs, began_at) = (
    SELECT CASE WHEN is_over THEN 1 ELSE allowance.runs + 1 END,
           CASE WHEN is_over THEN excluded.began_at ELSE allowance.began_at END
    FROM (SELECT allowance.began_at <= excluded.began_at - interval '1 hour' AS is_over) AS hour
  )
WHERE allowance.runs < %(limit)s OR allowance.began_at <= excluded.began_at - interval '1 hour'
RETURNING runs
"""

_LEFT_S = """
SELECT %s - extract(epoch FROM statement_timestamp() - began_at)::float
FROM execution_runallowance WHERE user_id = %s
"""


def count_run(actor: Actor) -> None:
    """One run more, in the transaction that queues it, under the notebook's lock. TooMany if that is one too many.

    It locks the person's row until the transaction ends, so nothing may be locked after it but what the notebook's lock
    covers.
    """
    limit = settings.RUNS_PER_HOUR
    if not limit or actor.user_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"user": actor.user_id, "limit": limit})
        if cursor.fetchone() is None:
            cursor.execute(_LEFT_S, [HOUR_S, actor.user_id])
            (left_s,) = cursor.fetchone()
            raise _too_many(limit, max(1, math.ceil(left_s)))


def _too_many(limit: int, left_s: int) -> TooMany:
    minutes = math.ceil(left_s / 60)
    wait = f"{minutes} minutes" if minutes > 1 else "a minute"
    return TooMany(f"You may start {limit:,} runs an hour. Try again in {wait}.", retry_after_s=left_s)
