"""How the processes of kernels are found among all of a machine, whoever started them: by their environment.

Those of a sandbox too, whose first process, with which all others in it end, is ours.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings

from apps.kernels.process_id import ProcessId

IS_KERNEL = "TANDEM_KERNEL"
DATA_DIR = "TANDEM_DATA_DIR"
NAME = "TANDEM_KERNEL_NAME"
STARTER = "TANDEM_KERNEL_STARTER"


@dataclass(frozen=True)
class MarkedProcess:
    process: psutil.Process
    name: str
    """Of the kernel that it belongs to, and of the kernel's folder of sockets."""
    starter: str

    @property
    def has_starter(self) -> bool:
        """Whether the process that started the kernel still runs."""
        pid, _, create_time = self.starter.partition(":")
        try:
            return ProcessId(int(pid), float(create_time)).process is not None
        except ValueError:
            return False


def marks_of(name: str) -> dict[str, str]:
    """The environment of a kernel that this process starts."""
    starter = ProcessId.of(os.getpid())
    return {
        IS_KERNEL: "1",
        DATA_DIR: str(settings.NOTEBOOK_DATA_DIR),
        NAME: name,
        STARTER: f"{starter.pid}:{starter.create_time}",
    }


def marked_processes(data_dir: Path) -> Iterator[MarkedProcess]:
    """Those of the kernels of this data folder."""
    for process in psutil.process_iter():
        try:
            environment: dict[str, str] = process.environ()
        except (psutil.Error, OSError):  # gone, or another user's
            continue
        if environment.get(IS_KERNEL) == "1" and environment.get(DATA_DIR) == str(data_dir):
            yield MarkedProcess(process, environment.get(NAME, ""), environment.get(STARTER, ""))
