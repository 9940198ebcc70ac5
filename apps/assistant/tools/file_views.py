"""Files as a model is shown them. What is read of a file is bounded, whatever its size."""

from typing import BinaryIO

from apps.assistant.tools.clipping import beginning
from apps.assistant.tools.images import told_size
from apps.assistant.tools.tables import MAX_CELL_CHARS, guessed_type, joined
from apps.base.errors import Invalid
from apps.data.csv_head import csv_head
from apps.kernels.parquet import parquet_head

TEXT_CHARS = 20_000
MAX_LINE_CHARS = 2_000
# To find a line far down, all before it are read.
MAX_READ_BYTES = 64 * 2**20
CSV_ROWS = 5
CSV_TYPED_ROWS = 200


def text_view(file: BinaryIO, from_line: int, count: int | None) -> str:
    """Numbered lines from there on, as many as were asked for or fit, and what is left out."""
    if from_line < 1 or (count is not None and count < 1):
        raise Invalid("from_line and lines begin at 1.")
    shown: list[str] = []
    number = size = 0
    while size < TEXT_CHARS and (count is None or len(shown) < count):
        line = file.readline(MAX_READ_BYTES)
        if not line:
            break
        number += 1
        if file.tell() > MAX_READ_BYTES:
            raise Invalid("That is too far down in a large file. Read it with code in a cell.")
        if number >= from_line:
            shown.append(f"{number:>6}  {_decoded(line)}")
            size += len(shown[-1])
    if not shown:
        if number == 0:
            return "(The file is empty.)"
        raise Invalid(f"from_line must be from 1 to {number:,}: the file has no more lines.")
    if file.read(1):
        shown.append(f"(There is more: go on with from_line {number + 1}.)")
    return "\n".join(shown)


def csv_view(file: BinaryIO, size: int) -> str:
    """Columns, with types guessed from the first rows, and the first rows themselves."""
    try:
        head = csv_head(file, size=size, rows=CSV_TYPED_ROWS)
    except Invalid as error:
        raise Invalid(f"{error.message} Give from_line to see it as text.") from None
    if head is None:
        return "(The file is empty.)"
    header, body = head.header, head.rows
    columns = [
        f"{beginning(name, MAX_CELL_CHARS)}: {guessed_type([row[place] for row in body if place < len(row)])}"
        for place, name in enumerate(header)
    ]
    lines = [
        f"CSV, {told_size(size)}, separated by {head.delimiter!r}, {len(header):,} columns"
        + (f", {len(body):,} rows" if head.is_whole else ""),
        f"columns (types guessed from {len(body):,} rows): {joined(columns)}",
        *(joined([beginning(value, MAX_CELL_CHARS) for value in row]) for row in body[:CSV_ROWS]),
    ]
    return "\n".join([*lines, "…"] if len(body) > CSV_ROWS else lines)


def parquet_view(file: BinaryIO) -> str:
    head = parquet_head(file)
    columns = [
        f"{beginning(name, MAX_CELL_CHARS)}: {beginning(kind, MAX_CELL_CHARS)}" for name, kind in head.columns
    ]
    lines = [
        f"Parquet, {head.count:,} rows × {len(columns):,} columns",
        f"columns: {joined(columns)}",
        *(joined([beginning(value, MAX_CELL_CHARS) for value in row]) for row in head.rows),
    ]
    return "\n".join([*lines, "…"] if head.count > len(head.rows) else lines)


def _decoded(line: bytes) -> str:
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    more = len(text) - MAX_LINE_CHARS
    return f"{text[:MAX_LINE_CHARS]} […{more:,} more characters]" if more > 0 else text
