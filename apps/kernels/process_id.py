"""Naming a process for good: its number alone will be another's one day."""

from dataclasses import dataclass
from typing import Self

import psutil


@dataclass(frozen=True)
class ProcessId:
    """A process, also when its pid is another's by now."""

    pid: int
    create_time: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """OSError if there is no such process any more."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess as error:
            raise ProcessLookupError(f"process {pid} has ended") from error

    @property
    def process(self) -> psutil.Process | None:
        """None if it has ended."""
        try:
            process = psutil.Process(self.pid)
            if process.create_time() == self.create_time and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except psutil.NoSuchProcess:
            pass
        return None
