"""What a file holds, as people are shown it before they read it into a cell. What is read of it is bounded."""

import os
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from apps.accounts.actors import Actor
from apps.base.errors import Invalid
from apps.base.text import storable
from apps.data.csv_head import csv_head
from apps.data.file_kinds import file_kind
from apps.kernels.parquet import parquet_head
from apps.kernels.workspace_files import opened_file

HEAD_BYTES = 4096
TEXT_BYTES = 50_000
ROWS = 50
MAX_COLUMNS = 200
MAX_CELL_CHARS = 200


@dataclass(frozen=True)
class Preview:
    """`kind` is `text`, `table`, `image` or `binary`; fields of other kinds are empty."""

    kind: str
    size_bytes: int
    text: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    row_count: int | None = None
    is_whole: bool = False


def file_preview(*, actor: Actor, notebook_id: UUID, path: str) -> Preview:
    """Whoever may see the notebook. NotFound or Invalid if there is no such file, or none of the kind it seems."""
    with opened_file(actor=actor, notebook_id=notebook_id, path=path) as file:
        head = file.read(HEAD_BYTES)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        kind = file_kind(path, head)
        if kind.startswith("image/"):
            return Preview("image", size)
        if kind == "parquet":
            return _parquet(file, size)
        if kind == "binary":
            return Preview("binary", size)
        return (kind == "csv" and _csv(file, size)) or _text(file, size)


def image_type(file: BinaryIO) -> str:
    """Invalid if a browser may not show it as an image: it could be a page."""
    kind = file_kind("", file.read(HEAD_BYTES))
    file.seek(0)
    if not kind.startswith("image/"):
        raise Invalid("This is no image that can be shown here. Download it.")
    return kind


def _parquet(file: BinaryIO, size: int) -> Preview:
    head = parquet_head(file, rows=ROWS)
    columns = [f"{name}: {kind}" for name, kind in head.columns]
    return _table(size, columns, head.rows, head.count, is_whole=head.count <= len(head.rows))


def _csv(file: BinaryIO, size: int) -> Preview | None:
    """None if it is none, in spite of its name."""
    try:
        head = csv_head(file, size=size, rows=ROWS)
    except Invalid:
        head = None
    if head is None:
        file.seek(0)
        return None
    return _table(
        size, head.header, head.rows, len(head.rows) if head.is_whole else None, is_whole=head.is_whole
    )


def _table(
    size: int, columns: list[str], rows: list[list[str]], count: int | None, *, is_whole: bool
) -> Preview:
    shown = [_clipped(row) for row in rows]
    is_whole = is_whole and len(columns) <= MAX_COLUMNS
    return Preview("table", size, columns=_clipped(columns), rows=shown, row_count=count, is_whole=is_whole)


def _clipped(values: list[str]) -> list[str]:
    return [storable(value[:MAX_CELL_CHARS]) for value in values[:MAX_COLUMNS]]


def _text(file: BinaryIO, size: int) -> Preview:
    text = storable(file.read(TEXT_BYTES).decode("utf-8", errors="replace"))
    return Preview("text", size, text=text, is_whole=size <= TEXT_BYTES)
