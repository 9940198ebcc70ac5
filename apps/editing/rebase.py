"""A change that was made on an old text, for the text as it is now."""

from collections.abc import Sequence

from apps.editing.changes import ChangeSet, compose_all
from apps.editing.runs import overlaps, runs_of, simplified
from apps.editing.undo import Overwritten
from apps.editing.utf16 import Utf16Text


def rebased(text: str, mine: ChangeSet, theirs: Sequence[ChangeSet]) -> ChangeSet:
    """`mine` for the text after all of `theirs`, which follow each other from `text`, for which mine was made too.

    Overwritten if together they change what mine replaces or deletes, or the text around what it inserts.
    """
    if not theirs:
        return mine
    together = simplified(compose_all(theirs), Utf16Text(text))
    if overlaps(((run.start, run.end) for run in runs_of(mine) if run.new is not None), together):
        raise Overwritten
    return mine.map(together)
