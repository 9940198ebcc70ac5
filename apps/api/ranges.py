"""HTTP's `Range` of one part of a file (RFC 9110, section 14). Pure."""

import re

_ONE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class Unsatisfiable(Exception):
    """The file has no such part."""


def part_of(header: str, size: int) -> tuple[int, int] | None:
    """`(start, end)`, the end excluded, of a file of this size; None if all of it is to be sent."""
    match = _ONE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None  # several parts, or what we do not know: a server may send all
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= size or start >= end:
        raise Unsatisfiable
    return start, end
