"""Change sets in CodeMirror's wire form (`ChangeSet.toJSON` of @codemirror/state), applied and made.

A change set is an array of sections over the old text: a number keeps that many UTF-16 units, `[n]` deletes n
units, `[n, "line", …]` replaces n units by the lines joined with a line feed. The sections cover the text exactly.
"""

from typing import Any

from apps.base.errors import Invalid
from apps.base.text import check_storable

ChangeSet = list[Any]

_BYTES_PER_UNIT = 2


def apply(text: str, changes: ChangeSet) -> str:
    """`text` after `changes`. Invalid if they are malformed or made for a text of another length."""
    units = _encode(text)
    length = len(units) // _BYTES_PER_UNIT
    pieces: list[bytes] = []
    position = 0
    for section in _checked(changes):
        if isinstance(section, int):
            end = position + section
            pieces.append(units[position * _BYTES_PER_UNIT : end * _BYTES_PER_UNIT])
        else:
            end = position + section[0]
            pieces.append(_encode("\n".join(section[1:])))
        position = end
    if position != length:
        raise Invalid(f"The change set is for a text of {position} UTF-16 units; the cell has {length}.")
    try:
        return b"".join(pieces).decode("utf-16-le")
    except UnicodeDecodeError:
        raise Invalid("The change set cuts a character (a surrogate pair) in two.") from None


def replacement(old: str, new: str) -> ChangeSet:
    """The change set from `old` to `new` that keeps their common beginning and end."""
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    removed, inserted = old[start : len(old) - end], new[start : len(new) - end]
    if not removed and not inserted:
        return [_units(old)] if old else []
    middle: list[Any] = [_units(removed), *(inserted.split("\n") if inserted else ())]
    before, after = _units(old[:start]), _units(old[len(old) - end :])
    return [*([before] if before else ()), middle, *([after] if after else ())]


def is_identity(changes: ChangeSet) -> bool:
    """Whether the change set keeps everything and inserts nothing."""
    return all(isinstance(section, int) for section in _checked(changes))


def _checked(changes: object) -> ChangeSet:
    if not isinstance(changes, list):
        raise Invalid("A change set is an array of sections.")
    for section in changes:
        match section:
            case bool():
                pass
            case int() if section >= 0:
                continue
            case [int() as removed, *lines] if removed >= 0 and not isinstance(removed, bool):
                if all(isinstance(line, str) for line in lines):
                    _check_lines(lines)
                    continue
        raise Invalid("A section of a change set is a number, [number] or [number, line, …].")
    return changes


def _check_lines(lines: list[str]) -> None:
    for line in lines:
        if "\n" in line:
            raise Invalid("A line of a change set must not contain a line feed.")
        check_storable(line)


def _common_prefix(left: str, right: str) -> int:
    limit = min(len(left), len(right))
    if left[:limit] == right[:limit]:
        return limit
    low, high = 0, limit
    while low < high - 1:
        middle = (low + high) // 2
        if left[:middle] == right[:middle]:
            low = middle
        else:
            high = middle
    return low


def _encode(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _units(text: str) -> int:
    return len(_encode(text)) // _BYTES_PER_UNIT
