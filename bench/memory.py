"""What the processes of a browser take of the machine's memory, as Linux counts it."""

import os
from collections.abc import Iterator
from pathlib import Path


def browser_mb() -> float:
    """Of all processes of the browsers that this one started, in MB: pages, frames, graphics and what they share, each
    page of memory counted once (PSS)."""
    own = [pid for pid in _below(os.getpid()) if _is_browser(pid)]
    return sum(_pss_kb(pid) for pid in own) / 1024


def _below(parent: int) -> Iterator[int]:
    children = _children()
    waiting = [parent]
    while waiting:
        found = children.get(waiting.pop(), [])
        yield from found
        waiting += found


def _children() -> dict[int, list[int]]:
    """`{pid: [pid of a child]}` of the whole machine."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in parentheses, may hold anything; what follows its end are state and parent.
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        children.setdefault(parent, []).append(int(folder.name))
    return children


def _is_browser(pid: int) -> bool:
    try:
        return "chrom" in Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return False


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
