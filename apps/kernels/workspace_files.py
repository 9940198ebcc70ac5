"""Opening the files of a notebook's folder. Code in cells makes them, so nothing there is taken for what it seems.

A path is walked folder by folder, each opened within the one before, and no link is followed, not even one that stays
within: what is a folder now may be a link by the time it is opened, and only the system can say so while it opens it.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid, NotFound
from apps.base.text import storable
from apps.kernels.processes import workspace_of
from apps.kernels.sandbox import WORKSPACE

MAX_LISTED = 1_000
MAX_DEPTH = 32

# A file that is still arriving; it is shown to nobody.
ARRIVING = ".tandem-arriving-"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without waiting: to open a pipe would wait for somebody who writes into it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """`kind` is `file`, `folder`, `link` or `other`, which is no file that can be read."""

    name: str
    kind: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class Listing:
    entries: list[Entry]
    is_complete: bool


def list_files(*, actor: Actor, notebook_id: UUID, path: str = "") -> Listing:
    """A folder's entries by name, at most 1,000. Whoever may see the notebook."""
    require_role(actor, notebook_id, Role.VIEWER)
    with opened_folder(notebook_id, parts_of(path)) as folder:
        entries: list[Entry] = []
        with os.scandir(folder) as found:
            for entry in found:
                if entry.name.startswith(ARRIVING):
                    continue
                if len(entries) == MAX_LISTED:
                    return Listing(_sorted(entries), is_complete=False)
                try:
                    entries.append(entry_of(entry.name, entry.stat(follow_symlinks=False)))
                except FileNotFoundError:  # gone meanwhile
                    continue
    return Listing(_sorted(entries), is_complete=True)


@contextmanager
def opened_file(*, actor: Actor, notebook_id: UUID, path: str) -> Iterator[BinaryIO]:
    """A regular file, open for reading. Whoever may see the notebook. NotFound if there is none, Invalid if it is
    something else.
    """
    require_role(actor, notebook_id, Role.VIEWER)
    folders, name = place_of(path)
    with opened_folder(notebook_id, folders) as folder, file_in(folder, name) as file:
        yield file


@contextmanager
def file_in(folder: int, name: str) -> Iterator[BinaryIO]:
    """A regular file in an open folder, open for reading. NotFound or Invalid as above."""
    descriptor = _opened(name, _FILE, folder)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Invalid(f"{shown_name(name)} is not a file that can be read.", path=shown_name(name))
        with os.fdopen(os.dup(descriptor), "rb") as file:
            yield file
    finally:
        os.close(descriptor)


@contextmanager
def folder_in(folder: int, name: str) -> Iterator[int]:
    """A folder in an open folder."""
    inner = _opened(name, _FOLDER, folder)
    try:
        yield inner
    finally:
        os.close(inner)


def place_of(path: str) -> tuple[list[str], str]:
    """The folders that lead to something, and its name."""
    *folders, name = parts_of(path) or [""]
    if not name:
        raise Invalid(
            "Give the path of a file or of a folder in the notebook's folder.", path=shown_name(path)
        )
    return folders, name


def parts_of(path: str) -> list[str]:
    """The names of a path in the folder. It may also begin as code in cells sees it."""
    if path == WORKSPACE or path.startswith(f"{WORKSPACE}/"):
        path = path.removeprefix(WORKSPACE).lstrip("/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or "\x00" in path or len(parts) > MAX_DEPTH:
        raise Invalid(
            "Give a path within the notebook's folder, such as data/sales.csv.", path=shown_name(path)
        )
    return parts


@contextmanager
def opened_folder(notebook_id: UUID, parts: list[str]) -> Iterator[int]:
    """The folder at the end of these names in the notebook's: a descriptor."""
    folder = os.open(workspace_of(notebook_id), _FOLDER)
    try:
        for part in parts:
            inner = _opened(part, _FOLDER, folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _opened(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except (FileNotFoundError, UnicodeEncodeError):
        raise NotFound(f"There is no {shown_name(name)} in the notebook's folder.") from None
    except OSError as error:
        # ELOOP or ENOTDIR for a link, ENXIO for a socket or a device that is not there, EACCES, ENAMETOOLONG.
        reason = (error.strerror or "it cannot be opened").lower()
        raise Invalid(f"{shown_name(name)} cannot be read: {reason}. Links are not followed.") from None


def entry_of(name: str, status: os.stat_result) -> Entry:
    mode = status.st_mode
    kind = "other"
    if stat.S_ISREG(mode):
        kind = "file"
    elif stat.S_ISDIR(mode):
        kind = "folder"
    elif stat.S_ISLNK(mode):
        kind = "link"
    return Entry(shown_name(name), kind, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _sorted(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.name)


def shown_name(name: str) -> str:
    """On Linux a name is any bytes; those that are no text come as lone surrogates."""
    shown: str = storable(name)
    return shown[:300]
