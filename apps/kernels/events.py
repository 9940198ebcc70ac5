"""The event of a kernel; docs/protocol.md says what a client does with it."""

from dataclasses import dataclass
from typing import ClassVar

from apps.journal.events import Event


@dataclass(frozen=True, kw_only=True)
class KernelStatusChanged(Event):
    type: ClassVar = "kernel_status"
    status: str
    message: str
