"""Taking back some edits of a text, while what others typed since stays."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from apps.editing.changes import ChangeSet, compose_all
from apps.editing.runs import overlaps, simplified
from apps.editing.utf16 import Utf16Text


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
            way_back = simplified(inverse.compose(way_back), current)
        else:
            changes.apply_on(current)
            _check_apart(way_back, changes)
            way_back = way_back.map(changes)
    return way_back


def _check_apart(way_back: ChangeSet, theirs: ChangeSet) -> None:
    """Overwritten if a change of theirs overlaps, and not only touches, one that puts text back."""
    spans = []
    start = 0
    for length, new in way_back.sections:
        end = start + length
        if new:
            spans.append((start, end))
        start = end
    if overlaps(spans, theirs):
        raise Overwritten
