"""What the turns of one process share: its interpreter, which runs one thread at a time.

Where a hundred turns store replies and change cells at the same moment, the threads that hand on what models say would
wait for each of them at every word. So this work waits instead, for one of a few places, and takes no longer for it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# One or two compute while the others wait for the database.
PLACES = 4
# Somebody who holds a notebook's lock for long may hold up a few turns, and shall not hold up all of them.
LONGEST_WAIT_S = 0.5

_places = threading.BoundedSemaphore(PLACES)


@contextmanager
def a_place() -> Iterator[None]:
    """For what lies between two replies. Not to be taken by who has one, nor in a transaction.

    No turn waits for a model, a kernel or a person while it has a place.
    """
    connection.close()  # who waits keeps none from those who have a place
    has_place = _places.acquire(timeout=LONGEST_WAIT_S)
    try:
        yield
    finally:
        if has_place:
            _places.release()
