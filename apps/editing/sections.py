"""What a change set is made of, and how algorithms build and walk it.

A section spans `length` UTF-16 units of the old text and keeps them (`text` is None) or replaces them by `text`.
"""

from collections.abc import Callable
from typing import NamedTuple

from apps.editing.utf16 import cut, unit_count


class Section(NamedTuple):
    length: int
    text: str | None = None

    @property
    def new_length(self) -> int:
        return self.length if self.text is None else unit_count(self.text)


Sections = tuple[Section, ...]


class SectionsBuilder:
    """Collects sections in their canonical form, that of CodeMirror's `addSection`.

    None is empty, and no two neighbours both keep, both only delete or both only insert.
    """

    def __init__(self) -> None:
        self._sections: list[Section] = []

    def __len__(self) -> int:
        return len(self._sections)

    def add(self, length: int, text: str | None, *, join: bool = False) -> None:
        """Append a section. With `join`, a change becomes part of the section before it, which is a change too."""
        if not length and not text:
            return
        last = self._sections[-1] if self._sections else None
        if last and not text and text == last.text:
            self._sections[-1] = Section(last.length + length, text)
        elif last and last.text is not None and text is not None and (join or last.length == length == 0):
            self._sections[-1] = Section(last.length + length, last.text + text)
        else:
            self._sections.append(Section(length, text))

    def built(self) -> Sections:
        return tuple(self._sections)


class Cursor:
    """Walks sections piece by piece, along the old text or the new (`measure` is the length of a section there).

    `section` is the current one (None: at the end); `rest` is how much of it is left.
    """

    __slots__ = ("_measure", "_offset", "_sections", "is_change", "is_deletion", "rest", "section")

    def __init__(self, sections: Sections, measure: Callable[[Section], int]) -> None:
        self._sections = iter(sections)
        self._measure = measure
        self.next()

    @property
    def is_at_start(self) -> bool:
        """Whether nothing of the current section was walked."""
        return self._offset == 0

    def next(self) -> None:
        section = next(self._sections, None)
        self.section = section
        self.is_change = section is not None and section.text is not None
        self.is_deletion = section is not None and section.text == ""
        self.rest = self._measure(section) if section else 0
        self._offset = 0

    def advance(self, length: int) -> None:
        """Go on by at most `rest`; to the next section when all of this one was walked."""
        if length == self.rest:
            self.next()
        else:
            self.rest -= length
            self._offset += length

    def inserted(self, length: int) -> str:
        """The next `length` units of a change's new text. Invalid if that cuts a character in two."""
        assert self.section
        assert self.section.text is not None
        return cut(self.section.text, self._offset, self._offset + length)


def old_length(section: Section) -> int:
    return section.length


def new_length(section: Section) -> int:
    return section.new_length
