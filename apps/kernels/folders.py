"""The folders that a kernel may write to: the workspace of its notebook, and a home for what programs keep of a person.

A pooled kernel is born with empty ones, and when a notebook gets it, they become the notebook's: they are renamed, and
what is mounted in the kernel's sandbox stays the same folder under another name. That needs no rights and no copy. So a
notebook that has files already gets no pooled kernel: to mount its folder into a sandbox that runs takes rights that
most servers do not have, and to move its files into the pooled folder one by one could lose some in a crash.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

# What IPython writes into a new home.
ITS_OWN = ".ipython/profile_default/startup/README"


@dataclass(frozen=True)
class KernelFolders:
    workspace: Path
    home: Path

    def __iter__(self) -> Iterator[Path]:
        yield from (self.workspace, self.home)

    @property
    def are_unused(self) -> bool:
        """Whether there is nothing in them that anybody could miss."""
        is_empty = not self.workspace.exists() or not any(self.workspace.iterdir())
        return is_empty and (not self.home.exists() or _has_only_its_own(self.home))

    def make(self) -> "KernelFolders":
        for folder in self:
            folder.mkdir(parents=True, exist_ok=True)
        return self

    def remove(self) -> None:
        for folder in self:
            shutil.rmtree(folder, ignore_errors=True)

    def move_to(self, other: "KernelFolders") -> None:
        """Take the place of these, which are unused. OSError if they are not any more; then nothing is lost."""
        for folder in other:
            folder.parent.mkdir(parents=True, exist_ok=True)
        # Linux replaces a folder only if it is empty: what somebody puts into it in this moment is safe.
        self.workspace.rename(other.workspace)
        _empty(other.home)
        self.home.rename(other.home)


def folders_of(notebook_id: UUID) -> KernelFolders:
    name = str(notebook_id)
    data_dir: Path = settings.NOTEBOOK_DATA_DIR
    return KernelFolders(data_dir / "workspaces" / name, data_dir / "kernel_homes" / name)


def pool_dir() -> Path:
    data_dir: Path = settings.NOTEBOOK_DATA_DIR
    return data_dir / "kernel_pool"


def pooled_folders(name: str) -> KernelFolders:
    """Of a pooled kernel."""
    return KernelFolders(pool_dir() / name / "workspace", pool_dir() / name / "home")


def _has_only_its_own(home: Path) -> bool:
    files = (Path(folder, name) for folder, _, names in os.walk(home) for name in names)
    links = (Path(folder, name) for folder, names, _ in os.walk(home) for name in names)
    return all(file == home / ITS_OWN for file in files) and not any(link.is_symlink() for link in links)


def _empty(home: Path) -> None:
    """OSError if there is more in it than IPython's own."""
    (home / ITS_OWN).unlink(missing_ok=True)
    for folder, _, _ in os.walk(home, topdown=False):
        os.rmdir(folder)
