"""Taking back some edits of a text, while what others typed since stays."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from apps.editing.changes import ChangeSet, compose_all
from apps.editing.diff import common_ends
from apps.editing.sections import SectionsBuilder
from apps.editing.utf16 import Utf16Text, unit_count


class Overwritten(Exception):
    """Another edit changed the very text that would be put back or replaced."""


class Edit(NamedTuple):
    changes: ChangeSet
    is_to_undo: bool


def undo(text: str, edits: Sequence[Edit]) -> ChangeSet:
    """What takes back the edits that are to undo, for the text after the last edit; `text` is the one before the first.

    What the other edits inserted stays, and an insertion goes as far as it is still there. A replacement is only taken
    back if no other edit touched it (changes that come to lie side by side are one), and a deletion only if no other
    one goes across it; otherwise Overwritten.
    """
    current = Utf16Text(text)
    way_back = ChangeSet.identity(len(current))
    # Keystrokes in a row collapse into few sections; one at a time, each would be a walk along the whole way back.
    for is_to_undo, series in groupby(edits, key=lambda edit: edit.is_to_undo):
        changes = compose_all([edit.changes for edit in series])
        if is_to_undo:
            inverse = changes.invert_on(current)
            changes.apply_on(current)
            way_back = _simplified(inverse.compose(way_back), current)
        else:
            changes.apply_on(current)
            _check_apart(way_back, changes)
            way_back = way_back.map(changes)
    return way_back


def _simplified(changes: ChangeSet, text: Utf16Text) -> ChangeSet:
    """Neighbouring changes as one, without what they would put in the place of the same."""
    builder = SectionsBuilder()
    for run in _runs(changes):
        if run.new is None:
            builder.add(run.end - run.start, None)
            continue
        old = text.read(run.start, run.end)
        start, end = common_ends(old, run.new)
        builder.add(unit_count(old[:start]), None)
        builder.add(unit_count(old[start : len(old) - end]), run.new[start : len(run.new) - end])
        builder.add(unit_count(old[len(old) - end :]), None)
    return ChangeSet(builder.built())


def _check_apart(way_back: ChangeSet, theirs: ChangeSet) -> None:
    """Overwritten if a change of theirs overlaps, and not only touches, one that puts text back."""
    changed = [run for run in _runs(theirs) if run.new is not None]
    ends = [run.end for run in changed]
    start = 0
    for length, new in way_back.sections:
        end = start + length
        if new:
            nearest = bisect_right(ends, start)
            if nearest < len(changed) and changed[nearest].start < end:
                raise Overwritten
        start = end


class _Run(NamedTuple):
    """Sections side by side that all keep (`new` is None), or all change."""

    start: int
    end: int
    new: str | None


def _runs(changes: ChangeSet) -> Iterator[_Run]:
    start = 0
    for is_kept, sections in groupby(changes.sections, key=lambda section: section.text is None):
        run = list(sections)
        end = start + sum(section.length for section in run)
        yield _Run(start, end, None if is_kept else "".join(section.text or "" for section in run))
        start = end
