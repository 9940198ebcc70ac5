"""The worker process as its lanes see it: does it stop, and how many of them are there."""

import threading

from django.conf import settings

# Set when the worker is told to stop: its lanes let go at once and leave the kernels running.
stops = threading.Event()

# The lanes of this process. Adding and discarding are atomic.
lanes: set[object] = set()

# For how many there are threads. Celery says it when the worker is ready: it may have been started in another way.
threads = settings.WORKER_THREADS


class WorkerStops(Exception):
    """The worker is told to stop: leave the cell to the next owner of the lane."""


def linger_s() -> float:
    """How long an idle lane stays. Each takes a thread, so where they get scarce nobody lingers."""
    crowded = len(lanes) > threads // 2
    return 0.5 if crowded else settings.LANE_LINGER_S
