"""From two texts to the change set that makes one from the other and touches as little as can be."""

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from apps.editing.changes import ChangeSet
from apps.editing.sections import SectionsBuilder
from apps.editing.utf16 import unit_count

# The most that is compared, as the product of both lengths: time and memory (a bit each) grow with it.
# For characters that is about a millisecond and 0.5 MB, for lines 0.05 s and 32 MB.
_MAX_CHARACTERS = 4_000_000
_MAX_LINES = 256_000_000


def diff(old: str, new: str) -> ChangeSet:
    """The change set from `old` to `new`, in whole characters.

    If what lies between their common beginning and end is small, as few characters as possible are deleted and
    inserted. Otherwise as few lines, and within these, where they are small, as few characters. What has too many
    lines is replaced.
    """
    builder = SectionsBuilder()
    for change in _changes(old, new):
        builder.add(unit_count(change.old), None if change.old == change.new else change.new)
    return ChangeSet(builder.built())


def common_ends(old: str, new: str) -> tuple[int, int]:
    """How many characters both texts have in common at the beginning and, behind these, at the end."""
    start = _common_beginning(old, new)
    return start, _common_beginning(old[start:][::-1], new[start:][::-1])


class _Change(NamedTuple):
    """`new` takes the place of `old`; where nothing changes they are the same."""

    old: str
    new: str


def _changes(old: str, new: str, *, by_lines: bool = True) -> Iterator[_Change]:
    start, end = common_ends(old, new)
    yield _Change(old[:start], old[:start])
    old_end, new_end = len(old) - end, len(new) - end
    yield from _changes_between(old[start:old_end], new[start:new_end], by_lines=by_lines)
    yield _Change(old[old_end:], old[old_end:])


def _changes_between(old: str, new: str, *, by_lines: bool) -> Iterator[_Change]:
    if len(old) * len(new) <= _MAX_CHARACTERS:
        for old_part, new_part in _aligned(old, new):
            yield _Change(old[old_part], new[new_part])
    elif by_lines:
        yield from _changes_of_lines(_lines(old), _lines(new))
    else:
        yield _Change(old, new)


def _changes_of_lines(old: list[str], new: list[str]) -> Iterator[_Change]:
    if len(old) * len(new) > _MAX_LINES:
        yield _Change("".join(old), "".join(new))
        return
    # Numbers, because the library compares anything else by its hash.
    numbers: dict[str, int] = {}
    old_numbers, new_numbers = (
        [numbers.setdefault(line, len(numbers)) for line in side] for side in (old, new)
    )
    for old_part, new_part in _aligned(old_numbers, new_numbers):
        yield from _changes("".join(old[old_part]), "".join(new[new_part]), by_lines=False)


def _aligned(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[slice, slice]]:
    """The parts of both that correspond, in order, in turn different and the same."""
    old_end = new_end = 0
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            yield slice(old_end, step.src_start), slice(new_end, step.dest_start)
            yield slice(step.src_start, step.src_end), slice(step.dest_start, step.dest_end)
            old_end, new_end = step.src_end, step.dest_end
    yield slice(old_end, len(old)), slice(new_end, len(new))


def _lines(text: str) -> list[str]:
    """With the line feeds; nothing else ends a line."""
    *whole, last = text.split("\n")
    return [*(f"{line}\n" for line in whole), last]


def _common_beginning(left: str, right: str) -> int:
    """By halving: Python compares slices far quicker than a loop compares characters."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
