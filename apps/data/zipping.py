"""A folder as a ZIP archive that is made while it is sent: nothing of it is stored or held in memory."""

import os
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import DomainError
from apps.kernels.workspace_files import (
    ARRIVING,
    MAX_DEPTH,
    file_in,
    folder_in,
    opened_folder,
    parts_of,
    shown_name,
)

MAX_FILES = 100_000
PIECE_BYTES = 2**18

# On Windows these are separators, drives, or nothing that a name may have.
_HOSTILE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')


class _Outlet:
    """What the archive is written to. It can only go forward."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """It is taken, not pushed."""

    def taken(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


@contextmanager
def zip_of(*, actor: Actor, notebook_id: UUID, path: str = "") -> Iterator[Iterator[bytes]]:
    """The folder's files; links are left out, and what cannot be read. Whoever may see the notebook."""
    require_role(actor, notebook_id, Role.VIEWER)
    with opened_folder(notebook_id, parts_of(path)) as folder:
        yield _pieces(folder)


def _pieces(folder: int) -> Iterator[bytes]:
    outlet: Any = _Outlet()
    # The least effort: what is large is mostly compressed already.
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for _ in _Packing(archive).pack(folder, "", MAX_DEPTH):
            if data := outlet.taken():
                yield data
    yield outlet.taken()


class _Packing:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names: set[str] = set()

    def pack(self, folder: int, prefix: str, depth: int) -> Iterator[None]:
        """Stops after each piece."""
        for name in sorted(os.listdir(folder)):
            if name.startswith(ARRIVING) or len(self._names) == MAX_FILES:
                continue
            try:
                status = os.lstat(name, dir_fd=folder)
                if stat.S_ISREG(status.st_mode):
                    yield from self._pack_file(folder, name, prefix, status)
                elif stat.S_ISDIR(status.st_mode) and depth:
                    inner_prefix = self._free(prefix, name) + "/"
                    self._archive.writestr(_info(inner_prefix, status), b"")
                    with folder_in(folder, name) as inner:
                        yield from self.pack(inner, inner_prefix, depth - 1)
            except (OSError, DomainError):
                continue  # gone meanwhile, or not to be read

    def _pack_file(self, folder: int, name: str, prefix: str, status: os.stat_result) -> Iterator[None]:
        with file_in(folder, name) as file:
            info = _info(self._free(prefix, name), status)
            with self._archive.open(info, "w", force_zip64=True) as packed:
                left = status.st_size  # a file that grows meanwhile must end some time
                while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
                    packed.write(piece)
                    left -= len(piece)
                    yield

    def _free(self, prefix: str, name: str) -> str:
        """A path in the archive that none other has, harmless wherever it is unpacked."""
        harmless = _HOSTILE.sub("_", shown_name(name)).rstrip(". ") or "_"
        stem, suffix = os.path.splitext(harmless)
        found, number = prefix + harmless, 1
        while found.lower() in self._names:
            number += 1
            found = f"{prefix}{stem} ({number}){suffix}"
        self._names.add(found.lower())
        return found


def _info(name: str, status: os.stat_result) -> zipfile.ZipInfo:
    at = datetime.fromtimestamp(status.st_mtime).timetuple()
    info = zipfile.ZipInfo(name, min(max(at[:6], (1980, 1, 1, 0, 0, 0)), (2107, 12, 31, 23, 59, 58)))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o40755 << 16) | 0x10 if name.endswith("/") else 0o100644 << 16
    return info
