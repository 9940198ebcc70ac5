"""The first rows of a CSV file. What is read is bounded, whatever the file's size."""

import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from apps.base.errors import Invalid

HEAD_BYTES = 256 * 1024
_SNIFFED_CHARS = 10_000


@dataclass(frozen=True)
class CsvHead:
    header: list[str]
    rows: list[list[str]]
    delimiter: str
    is_whole: bool


def csv_head(file: BinaryIO, *, size: int, rows: int) -> CsvHead | None:
    """None of an empty file. Invalid if it cannot be read as CSV."""
    text = file.read(HEAD_BYTES).decode("utf-8-sig", errors="replace")
    if size > HEAD_BYTES:
        text = text[: text.rfind("\n") + 1] or text  # the last line is cut
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:_SNIFFED_CHARS], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        found = list(islice(csv.reader(io.StringIO(text, newline=""), dialect), rows + 2))
    except csv.Error as error:
        raise Invalid(f"This cannot be read as CSV: {error}.") from None
    if not found:
        return None
    is_whole = len(found) < rows + 2 and size <= HEAD_BYTES
    return CsvHead(found[0], found[1 : rows + 1], dialect.delimiter, is_whole)
