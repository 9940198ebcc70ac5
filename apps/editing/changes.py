"""Change sets, those of @codemirror/state: what happens to a text, as a value that can be combined with others.

Positions and lengths are UTF-16 units. See docs/protocol.md for the form on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.base.errors import Invalid
from apps.editing import merging, wire
from apps.editing.sections import Section, Sections
from apps.editing.utf16 import Utf16Text


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Made by `from_json`, `identity`, `diff` or from others; `sections` are in canonical form.

    A character that a change set would cut in two makes it Invalid, at the latest when it is applied.
    """

    sections: Sections

    @classmethod
    def from_json(cls, value: object) -> ChangeSet:
        """Invalid for what is malformed or could not be stored. Neighbouring sections of a kind become one."""
        return cls(wire.read(value))

    @classmethod
    def identity(cls, length: int) -> ChangeSet:
        """The change set that keeps a text of `length` units as it is."""
        return cls((Section(length),) if length else ())

    @property
    def length(self) -> int:
        """Of the text it was made for."""
        return sum(section.length for section in self.sections)

    @property
    def new_length(self) -> int:
        """Of the text that it makes."""
        return sum(section.new_length for section in self.sections)

    @property
    def is_identity(self) -> bool:
        """Whether it keeps everything and inserts nothing."""
        return all(section.text is None for section in self.sections)

    @property
    def end(self) -> int | None:
        """Where its last change ends, in the text that it makes; None if it keeps everything."""
        if self.is_identity:
            return None
        last = self.sections[-1]
        return self.new_length - (last.length if last.text is None else 0)

    def to_json(self) -> list[Any]:
        return wire.written(self.sections)

    def apply(self, text: str) -> str:
        """The text after the changes. Invalid for a text of another length."""
        return apply_all(text, [self])

    def compose(self, then: ChangeSet) -> ChangeSet:
        """This and `then`, which was made for the result of this, as one change set."""
        _check_length(then, self.new_length)
        if self.is_identity or then.is_identity:
            return then if self.is_identity else self
        return ChangeSet(merging.composed(self.sections, then.sections))

    def map(self, over: ChangeSet, *, before: bool = False) -> ChangeSet:
        """This for the text after `over`; both were made for one text.

        Where both insert in one place, the text of `over` comes first, or with `before` that of this. So
        `a.compose(b.map(a))` and `b.compose(a.map(b, before=True))` make the same text.
        """
        _check_length(over, self.length)
        if over.is_identity:
            return self
        return ChangeSet(merging.mapped(self.sections, over.sections, before=before))

    def invert(self, text: str) -> ChangeSet:
        """What takes this back; `text` is the one before this was applied."""
        return self.invert_on(Utf16Text(text))

    def invert_on(self, text: Utf16Text) -> ChangeSet:
        """`invert` for a text that is at hand in units."""
        _check_length(self, len(text))
        inverted = []
        position = 0
        for section in self.sections:
            end = position + section.length
            if section.text is None:
                inverted.append(section)
            else:
                inverted.append(Section(section.new_length, text.read(position, end)))
            position = end
        return ChangeSet(tuple(inverted))

    def apply_on(self, text: Utf16Text) -> None:
        """`apply` in place."""
        _check_length(self, len(text))
        if self.is_identity:
            return
        sections = list(self.sections)
        if sections[-1].text is None:
            sections.pop()
        start = sections.pop(0).length if sections[0].text is None else 0
        pieces = []
        end = start
        for length, new_text in sections:
            old_text = text.read(end, end + length)
            pieces.append(old_text if new_text is None else new_text)
            end += length
        text.replace(start, end, "".join(pieces))


def apply_all(text: str, change_sets: Iterable[ChangeSet]) -> str:
    """The text after all the change sets, one after the other."""
    units = Utf16Text(text)
    for change_set in change_sets:
        change_set.apply_on(units)
    return str(units)


def compose_all(change_sets: Sequence[ChangeSet]) -> ChangeSet:
    """At least one change set, each made for the result of the one before, as one."""
    while len(change_sets) > 1:
        # In pairs, so that a long series does not go through its ever longer beginning again and again.
        pairs = [change_sets[at : at + 2] for at in range(0, len(change_sets), 2)]
        change_sets = [pair[0].compose(pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return change_sets[0]


def _check_length(changes: ChangeSet, length: int) -> None:
    if changes.length != length:
        raise Invalid(
            f"The change set is for a text of {changes.length} UTF-16 units; this one has {length}."
        )
