"""Control groups: where the server may make them, Linux itself holds each kernel and all its processes to its limits.

Both versions of the interface; only root can make groups beside those of the system.
"""

import contextlib
import hashlib
import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from apps.kernels.limits import Limits

ROOT = Path("/sys/fs/cgroup")

# To the processes of the server, which have 100 (version 2) or 1024 (version 1) each.
CPU_WEIGHT = 50
CPU_SHARES = 512

# A group can go when Linux has done away with the last of its processes, which takes a moment.
REMOVE_TIMEOUT_S = 2
POLL_INTERVAL_S = 0.01


@dataclass(frozen=True)
class Cgroup:
    """One group: a folder in version 2, one for each controller in version 1."""

    folders: Sequence[Path]

    @classmethod
    def create(cls, data_dir: Path, name: str, limits: Limits, root: Path = ROOT) -> "Cgroup | None":
        """A new group of a server, which its data folder stands for, with these limits; None if none can be made."""
        made = []
        try:
            for folder, values in _wanted(f"{_prefix(data_dir)}{name}", limits, root).items():
                folder.mkdir()
                made.append(folder)
                for file, value in values.items():
                    (folder / file).write_text(str(value))
        except OSError:
            cls(made).remove()
            return None
        return cls(made)

    def add(self, pid: int) -> None:
        """The process, with what it will start. OSError if it is gone."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def has_run_out_of_memory(self) -> bool:
        """Whether Linux had to end one of its processes for that."""
        for folder in self.folders:
            for file in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError, ValueError):
                    lines = (line.split() for line in (folder / file).read_text().splitlines())
                    if any(key == "oom_kill" and int(count) for key, count in lines):
                        return True
        return False

    def remove(self) -> None:
        """When its processes have ended."""
        deadline = time.monotonic() + REMOVE_TIMEOUT_S
        for folder in self.folders:
            while folder.exists() and time.monotonic() < deadline:
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(POLL_INTERVAL_S)


@cache
def is_available(data_dir: Path) -> bool:
    """Whether this process may make groups; tried once."""
    group = Cgroup.create(data_dir, f"trial-{secrets.token_hex(4)}", Limits.from_settings())
    if group:
        group.remove()
    return group is not None


def remove_left_over(data_dir: Path, root: Path = ROOT) -> None:
    """The groups of a server's kernels that ended while nobody looked. One that has processes stays."""
    remove_groups_without(data_dir, (), root)


def remove_groups_without(data_dir: Path, names: Collection[str], root: Path = ROOT) -> None:
    """Likewise, on a server that runs: not those of these kernels."""
    for folder in groups_of(data_dir, root):
        if folder.name.removeprefix(_prefix(data_dir)) not in names:
            with contextlib.suppress(OSError):
                folder.rmdir()


def groups_of(data_dir: Path, root: Path = ROOT) -> list[Path]:
    """All groups of a server; with version 1 several for each kernel."""
    pattern = f"{_prefix(data_dir)}*"
    return [*root.glob(pattern), *root.glob(f"*/{pattern}")]


def _prefix(data_dir: Path) -> str:
    return f"tandem-{hashlib.sha256(bytes(data_dir)).hexdigest()[:8]}-"


def _wanted(name: str, limits: Limits, root: Path) -> Mapping[Path, Mapping[str, int]]:
    """`{folder: {file: value}}`"""
    if (root / "cgroup.controllers").exists():
        memory = {"memory.max": limits.memory_bytes, "memory.swap.max": 0}
        return {root / name: memory | {"pids.max": limits.processes, "cpu.weight": CPU_WEIGHT}}
    return {
        root / "memory" / name: {"memory.limit_in_bytes": limits.memory_bytes, "memory.swappiness": 0},
        root / "pids" / name: {"pids.max": limits.processes},
        root / "cpu" / name: {"cpu.shares": CPU_SHARES},
    }
