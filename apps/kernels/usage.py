"""What a kernel with all its processes takes of the machine."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    memory_bytes: int
    """What processes share counts once for each."""
    cpu_s: float
    """Seconds of computing since the kernel started, on all cores together."""
    processes: int
    disk_bytes: int


def usage_of(kernel: psutil.Process, disk_bytes: int = 0) -> Usage:
    """Of the process and all below it."""
    memory_bytes, cpu_s, count = 0, 0.0, 0
    for process in (kernel, *_children(kernel)):
        try:
            with process.oneshot():
                memory_bytes += process.memory_info().rss
                cpu = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # Children that have ended count for their parents.
        cpu_s += cpu.user + cpu.system + cpu.children_user + cpu.children_system
        count += 1
    return Usage(memory_bytes, cpu_s, count, disk_bytes)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found
