"""Sections as JSON, in the form of CodeMirror's `ChangeSet.toJSON`.

A number keeps that many UTF-16 units of the old text, `[n]` deletes n units, `[n, "line", …]` replaces n units by
the lines joined with a line feed. The sections cover the old text exactly.
"""

from typing import Any

from apps.base.errors import Invalid
from apps.base.text import check_storable
from apps.editing.sections import Section, Sections, SectionsBuilder


def read(value: object) -> Sections:
    """The sections in canonical form: what keeps, deletes and inserts nothing goes, neighbours of a kind are one.

    Invalid for anything else, and for text that cannot be stored.
    """
    if not isinstance(value, list):
        raise Invalid("A change set is an array of sections.")
    builder = SectionsBuilder()
    for item in value:
        builder.add(*_section(item))
    return builder.built()


def written(sections: Sections) -> list[Any]:
    return [_written(section) for section in sections]


def _section(item: object) -> Section:
    match item:
        case bool():
            pass
        case int() as length if length >= 0:
            return Section(length)
        case [int() as length, *lines] if length >= 0 and not isinstance(length, bool):
            return Section(length, _joined(lines))
    raise _malformed()


def _joined(lines: list[object]) -> str:
    checked = [line for line in lines if isinstance(line, str)]
    if len(checked) < len(lines):
        raise _malformed()
    if any("\n" in line for line in checked):
        raise Invalid("A line of a change set must not contain a line feed.")
    text = "\n".join(checked)
    check_storable(text)
    return text


def _malformed() -> Invalid:
    return Invalid("A section of a change set is a number, [number] or [number, line, …].")


def _written(section: Section) -> int | list[Any]:
    if section.text is None:
        return section.length
    return [section.length, *(section.text.split("\n") if section.text else ())]
