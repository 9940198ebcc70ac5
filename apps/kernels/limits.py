"""What a kernel with all its processes may use."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    memory_bytes: int
    processes: int
    """Threads count too, as Linux counts them."""
    disk_bytes: int
    """Of the workspace and the home folder together; and of each file, wherever it is."""

    @classmethod
    def from_settings(cls) -> "Limits":
        return cls(
            memory_bytes=settings.KERNEL_MEMORY_BYTES,
            processes=settings.KERNEL_PROCESSES,
            disk_bytes=settings.WORKSPACE_BYTES,
        )


def in_mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
