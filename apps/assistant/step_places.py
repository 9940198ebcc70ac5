"""Places for what turns compute between two replies of the model: in one process a few at a time, and not all at once.

Python runs one thread at a time. Where a hundred turns store replies and change cells at the same moment, the threads
that hand on what models say would wait for each of them at every word; so the work waits instead, and takes no longer
for it. No turn waits for a model, a kernel or a person while it has a place.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# One computes while the others wait for the database.
PLACES = 3
# Somebody who holds a notebook's lock for long may hold up a few turns, and shall not hold up all of them.
LONGEST_WAIT_S = 0.5

_places = threading.BoundedSemaphore(PLACES)


@contextmanager
def a_place() -> Iterator[None]:
    """Not to be taken by who has one, nor in a transaction."""
    has_place = _places.acquire(timeout=LONGEST_WAIT_S)
    try:
        yield
    finally:
        if has_place:
            _places.release()
