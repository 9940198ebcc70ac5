"""Kernels that nobody will ever use: their worker was killed before a row named them, or before a notebook got them.

A kernel in a row is no orphan, whoever started it: the notebook's next lane goes on with it. Called by every worker, at
its start and once in a while; on each machine they find what is there.
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings

from apps.kernels.cgroups import remove_groups_without
from apps.kernels.folders import pool_dir
from apps.kernels.marks import MarkedProcess, marked_processes
from apps.kernels.models import Kernel
from apps.kernels.processes import runtime_dir

logger = logging.getLogger(__name__)

# A kernel that starts has its folders a moment before it has a process.
MIN_AGE_S = 60

# Nothing survives SIGKILL for long.
END_TIMEOUT_S = 5


def end_orphans(*, min_age_s: float = MIN_AGE_S) -> int:
    """End them, and remove what is left of those that have ended; how many processes that were."""
    # In this order: what is in no row by now, and whose starter is gone, will never be.
    processes = list(marked_processes(settings.NOTEBOOK_DATA_DIR))
    orphans = [process for process in processes if not process.has_starter]
    named = _names_in_rows()
    orphans = [process for process in orphans if process.name not in named]
    _end(orphans)
    ended = {orphan.name for orphan in orphans}
    in_use = named | {process.name for process in processes if process.name not in ended}
    for folder in _folders(in_use):
        if folder.name in ended or _age_s(folder) >= min_age_s:
            shutil.rmtree(folder, ignore_errors=True)
    remove_groups_without(settings.NOTEBOOK_DATA_DIR, in_use | {folder.name for folder in _folders(in_use)})
    return len(orphans)


def _names_in_rows() -> set[str]:
    sockets = Kernel.objects.exclude(connection_info={}).values_list("connection_info__ip", flat=True)
    return {Path(path).parent.name for path in sockets if path}


def _end(orphans: list[MarkedProcess]) -> None:
    if orphans:
        logger.warning("Ending %d kernel processes that were left over.", len(orphans))
    for orphan in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.process.kill()
    psutil.wait_procs([orphan.process for orphan in orphans], timeout=END_TIMEOUT_S)


def _folders(in_use: set[str]) -> Iterator[Path]:
    """The folders of sockets, and those of the pool, of kernels that are not in use."""
    for parent in (runtime_dir(), pool_dir()):
        if parent.is_dir():
            yield from (folder for folder in parent.iterdir() if folder.name not in in_use)


def _age_s(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
