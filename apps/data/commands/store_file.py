import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import NoSpace, TooLarge
from apps.base.ids import new_id
from apps.data.changed import tell_change
from apps.data.names import new_place
from apps.data.renaming import rename_to_free_name
from apps.data.troubles import taken, told_to_people
from apps.kernels.limits import in_mebibytes
from apps.kernels.processes import workspace_of
from apps.kernels.watchdog import disk_bytes
from apps.kernels.workspace_files import ARRIVING, Entry, entry_of, opened_folder

# What a server that was killed has left of a file that was arriving goes with the next one, when it is as old as this.
LEFTOVER_S = 3600

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class IncomingFile:
    """A file that is written bit by bit."""

    def __init__(self, descriptor: int, name: str, room: int) -> None:
        self._descriptor = descriptor
        self._name = name
        self._room = room
        self._size = 0
        self.entry: Entry | None = None
        """When it is there."""

    def write(self, data: bytes) -> None:
        """TooLarge or NoSpace; then nothing is left of it."""
        check_size(self._size + len(data), self._room)
        with told_to_people(self._name):
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        self._size += len(data)


@contextmanager
def incoming_file(
    *, actor: Actor, notebook_id: UUID, path: str, size: int = 0, may_replace: bool = False
) -> Iterator[IncomingFile]:
    """Put a file into the workspace. Editors. It is there with its name when the block ends, or not at all.

    `size` is what the sender says, so that too much is refused before it is sent. Conflict if there is something of
    that name, unless it is a file that may be replaced.
    """
    require_role(actor, notebook_id, Role.EDITOR)
    folders, name = new_place(path)
    with opened_folder(notebook_id, folders) as folder:
        if not may_replace and _is_there(name, folder):
            raise taken(name)
        remove_leftovers(folder)
        room = room_of(notebook_id)
        check_size(size, room)
        arriving = f"{ARRIVING}{new_id().hex}"
        with told_to_people(name):
            descriptor = os.open(arriving, NEW_FILE, 0o644, dir_fd=folder)
        try:
            file = IncomingFile(descriptor, name, room)
            yield file
            if room_of(notebook_id) < 0:  # others have filled it meanwhile
                raise _full()
            with told_to_people(name):
                file.entry = entry_of(name, os.fstat(descriptor))
                if may_replace:
                    os.rename(arriving, name, src_dir_fd=folder, dst_dir_fd=folder)
                else:
                    rename_to_free_name(arriving, name, folder=folder, new_folder=folder)
        finally:
            os.close(descriptor)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(arriving, dir_fd=folder)
    tell_change(actor, "store_file", notebook_id, path=path, size_bytes=file.entry.size)


def check_size(size: int, room: int) -> None:
    if size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(f"A file may have at most {in_mebibytes(settings.UPLOAD_MAX_BYTES)}.")
    if size > room:
        raise _full()


def room_of(notebook_id: UUID) -> int:
    left: int = settings.WORKSPACE_BYTES - disk_bytes(workspace_of(notebook_id))
    return left


def _full() -> NoSpace:
    limit = in_mebibytes(settings.WORKSPACE_BYTES)
    return NoSpace(
        f"There is no room: the files of a notebook may have {limit} together. Delete some of them."
    )


def _is_there(name: str, folder: int) -> bool:
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


def remove_leftovers(folder: int) -> None:
    oldest = time.time() - LEFTOVER_S
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(ARRIVING):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < oldest:
                        os.unlink(entry.name, dir_fd=folder)
