"""A change set as runs: stretches of the old text that all stay, or all change."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from apps.editing.changes import ChangeSet
from apps.editing.diff import common_ends
from apps.editing.sections import SectionsBuilder
from apps.editing.utf16 import Utf16Text, unit_count


class Run(NamedTuple):
    """Sections side by side that all keep (`new` is None), or all change."""

    start: int
    end: int
    new: str | None


def runs_of(changes: ChangeSet) -> Iterator[Run]:
    start = 0
    for is_kept, sections in groupby(changes.sections, key=lambda section: section.text is None):
        run = list(sections)
        end = start + sum(section.length for section in run)
        yield Run(start, end, None if is_kept else "".join(section.text or "" for section in run))
        start = end


def overlaps(spans: Iterable[tuple[int, int]], theirs: ChangeSet) -> bool:
    """Whether a change of theirs overlaps, and not only touches, one of the spans of the text it was made for."""
    changed = [run for run in runs_of(theirs) if run.new is not None]
    ends = [run.end for run in changed]
    for start, end in spans:
        nearest = bisect_right(ends, start)
        if nearest < len(changed) and changed[nearest].start < end:
            return True
    return False


def simplified(changes: ChangeSet, text: Utf16Text) -> ChangeSet:
    """Neighbouring changes as one, without what they would put in the place of the same."""
    builder = SectionsBuilder()
    for run in runs_of(changes):
        if run.new is None:
            builder.add(run.end - run.start, None)
            continue
        old = text.read(run.start, run.end)
        start, end = common_ends(old, run.new)
        builder.add(unit_count(old[:start]), None)
        builder.add(unit_count(old[start : len(old) - end]), run.new[start : len(run.new) - end])
        builder.add(unit_count(old[len(old) - end :]), None)
    return ChangeSet(builder.built())
