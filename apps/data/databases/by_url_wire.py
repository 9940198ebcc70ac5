"""What a worker and the process that asks a database by its URL say to each other. Imports neither Django nor a driver.

The worker sends pickles: an `Opening`, then a `Question` and, if what it changed shall stay, COMMIT; or CANCEL, at any
time. The process answers in frames, a letter and the length before each, of which nothing is executed: OPENED, then a
SCHEMA and BATCHES of Arrow and DONE, then DONE once more of what is committed; or FAILED with a sentence for people.
"""

import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from apps.data.databases.database import DatabaseError

OPENED, SCHEMA, BATCH, DONE, FAILED = b"O", b"S", b"B", b"D", b"F"

COMMIT = "commit"
CANCEL = "cancel"

_HEADER = struct.Struct("!cI")
MAX_FRAME_BYTES = 2**30

MARKER = "tandem_value_"


def marker(number: int) -> str:
    """A bind of SQLAlchemy's text()."""
    return f":{MARKER}{number}"


@dataclass(frozen=True)
class Opening:
    is_read_only: bool
    url: str = field(repr=False)


@dataclass(frozen=True)
class Question:
    """`text` and `values` are those of an `execute`."""

    kind: Literal["execute", "columns", "ping"]
    text: str = ""
    values: tuple[Any, ...] = ()


def write_frame(file: BinaryIO, kind: bytes, content: bytes = b"") -> None:
    if len(content) > MAX_FRAME_BYTES:
        raise DatabaseError("Some rows of the answer are too large. Ask for fewer columns, or parts of them.")
    file.write(_HEADER.pack(kind, len(content)))
    file.write(content)
    file.flush()


def read_frame(file: BinaryIO) -> tuple[bytes, bytes]:
    """EOFError if there is no more."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError
    kind, size = _HEADER.unpack(header)
    content = file.read(size)
    if size > MAX_FRAME_BYTES or len(content) < size:
        raise EOFError
    return kind, content
