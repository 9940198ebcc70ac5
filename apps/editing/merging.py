"""Two change sets combined: one after the other (`composed`), or both made on one text (`mapped`).

The results equal those of @codemirror/state section by section: clients rebase with the library what the server
rebases with this, and both must come to one text.
"""

from apps.editing.sections import Cursor, Sections, SectionsBuilder, new_length, old_length


def composed(first: Sections, second: Sections) -> Sections:
    """What `first`, then `second` on its result, do together. The lengths fit.

    Both are walked along the text between them. Invalid if `second` cuts a character that `first` inserted.
    """
    result = SectionsBuilder()
    a, b = Cursor(first, new_length), Cursor(second, old_length)
    # Whether a change goes on of which a part is in the result: what comes now belongs to the same section.
    is_open = False
    while a.section or b.section:
        if a.section and not a.rest:
            result.add(a.section.length, "", join=is_open)
            a.next()
        elif b.section and not b.rest:
            result.add(0, b.section.text, join=is_open)
            b.next()
        else:
            length = min(a.rest, b.rest)
            known = len(result)
            result.add(_removed(a, length), _inserted(a, b, length), join=is_open)
            goes_on = (a.is_change and a.rest > length) or (b.is_change and b.rest > length)
            is_open = goes_on and (is_open or len(result) > known)
            a.advance(length)
            b.advance(length)
    return result.built()


def mapped(mine: Sections, theirs: Sections, *, before: bool) -> Sections:
    """`mine` for the text after `theirs`; both were made on one text.

    What starts first comes first, then what is shorter, then what is theirs (with `before`: mine). What both delete
    is deleted once; what I insert stays, also where they deleted everything around it.
    """
    result = SectionsBuilder()
    a, b = _Mine(mine), Cursor(theirs, old_length)
    while a.section or b.section:
        if b.is_change and _is_next(b, a, before):
            _pass_theirs(result, a, b)
        elif a.is_change:
            _pass_mine(result, a, b)
        else:
            length = min(a.rest, b.rest)
            result.add(length, None)
            a.advance(length)
            b.advance(length)
    return result.built()


def _removed(first: Cursor, length: int) -> int:
    """How much of the old text goes with the next `length` units of the text between the change sets."""
    assert first.section
    if not first.is_change:
        return length
    return first.section.length if first.is_at_start else 0


def _inserted(first: Cursor, second: Cursor, length: int) -> str | None:
    """What stands for the next `length` units of the text between the change sets; None: they are old and stay."""
    assert second.section
    if second.is_change:
        return second.section.text if second.is_at_start else ""
    return first.inserted(length) if first.is_change else None


class _Mine(Cursor):
    """`is_placed`: the new text of the current section is in the result already."""

    __slots__ = ("is_placed",)

    def __init__(self, sections: Sections) -> None:
        super().__init__(sections, old_length)

    def next(self) -> None:
        super().next()
        self.is_placed = False

    def take_text(self) -> str:
        """The new text of a change, the first time; then nothing."""
        text = "" if self.is_placed or not self.section else self.section.text or ""
        self.is_placed = True
        return text


def _is_next(theirs: Cursor, mine: _Mine, before: bool) -> bool:
    if not mine.is_change or mine.is_placed:
        return True
    return mine.is_at_start and (theirs.rest < mine.rest or (theirs.rest == mine.rest and not before))


def _pass_theirs(result: SectionsBuilder, mine: _Mine, theirs: Cursor) -> None:
    """Keep what their change inserts, and of mine, over what it deletes, only new text that ends there."""
    assert theirs.section
    result.add(theirs.section.new_length, None)
    left = theirs.rest
    while left:
        length = min(mine.rest, left)
        if mine.is_change and mine.rest <= length:
            result.add(0, mine.take_text())
        mine.advance(length)
        left -= length
    theirs.next()


def _pass_mine(result: SectionsBuilder, mine: _Mine, theirs: Cursor) -> None:
    """Make my change up to the next text of theirs; what they only delete within it is gone already."""
    removed, left = 0, mine.rest
    while left:
        if not theirs.is_change:
            length = min(left, theirs.rest)
            removed += length
            left -= length
            theirs.advance(length)
        elif theirs.is_deletion and theirs.rest < left:
            left -= theirs.rest
            theirs.next()
        else:
            break
    result.add(removed, mine.take_text())
    mine.advance(mine.rest - left)
