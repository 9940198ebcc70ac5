"""Looks after what Linux does not limit by itself: the size of a kernel's folders, and without cgroups its memory."""

import math
import os
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from apps.kernels.limits import Limits, in_mebibytes
from apps.kernels.usage import usage_of

# Folders are looked at this often, and with very many files less: it may take a twentieth of one core.
DISK_INTERVAL_S = 1.0
DISK_FACTOR = 20

BLOCK_BYTES = 512  # of `st_blocks`, whatever the file system's are

# Beside what is there already when a kernel starts: to delete files it has to start, which makes some.
SLACK_BYTES = 16 * 2**20


class Watchdog:
    def __init__(self, limits: Limits, folders: Sequence[Path], *, watches_memory: bool) -> None:
        self._limits = limits
        self._folders = folders
        self._watches_memory = watches_memory
        self.disk_bytes = 0
        """Of the folders together, as it was when it looked last."""
        self._look_at = 0.0
        self._disk_bytes = math.inf  # until it has looked

    def excess(self, kernel: psutil.Process | None) -> str:
        """What the kernel has used too much of, in a sentence; empty if nothing."""
        if kernel and self._watches_memory and memory_bytes(kernel) > self._limits.memory_bytes:
            return f"The kernel used more than its {in_mebibytes(self._limits.memory_bytes)} of memory and was ended."
        if self._has_filled_disk():
            return (
                f"The notebook's files grew beyond {in_mebibytes(self._limits.disk_bytes)}, so the kernel was ended. "
                "Delete some of them before you go on."
            )
        return ""

    def _has_filled_disk(self) -> bool:
        started = time.monotonic()
        if started < self._look_at:
            return False
        size = self.disk_bytes = sum(disk_bytes(folder) for folder in self._folders)
        took_s = time.monotonic() - started
        self._look_at = started + max(DISK_INTERVAL_S, took_s * DISK_FACTOR)
        self._disk_bytes = max(self._limits.disk_bytes, min(self._disk_bytes, size + SLACK_BYTES))
        return size > self._disk_bytes


def memory_bytes(kernel: psutil.Process) -> int:
    """Of the process and all below it; what they share counts once for each."""
    return usage_of(kernel).memory_bytes


def disk_bytes(folder: Path) -> int:
    """What the files in it take up on the disk. Links are not followed."""
    total = 0
    folders = [os.fspath(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    total += entry.stat(follow_symlinks=False).st_blocks * BLOCK_BYTES
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:
            continue  # gone meanwhile, or made unreadable: it was counted above
    return total
