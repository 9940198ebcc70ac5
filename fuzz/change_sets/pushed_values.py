"""What programs might push as a change set: sections spoilt in ways that must be refused, or only written oddly."""

from collections.abc import Callable, Sequence
from typing import Any

from fuzz.change_sets.choices import Choices

Sections = list[Any]
"""As on the wire."""

_NOT_AN_ARRAY: Sequence[object] = (None, 0, 3, True, "", "abc", {}, {"0": 3})
_NOT_A_NUMBER: Sequence[object] = (-1, 1.5, True, None, "", "a", "3", {}, {"keep": 1})
_NOT_TEXT: Sequence[object] = (2, None, True, ["a"], {})
_NOT_A_SECTION: Sequence[object] = (
    *_NOT_A_NUMBER,
    [],
    *([each] for each in _NOT_A_NUMBER),
    *([each, "a"] for each in _NOT_A_NUMBER),
    *([0, each] for each in _NOT_TEXT),
    [0, "a", 1],
)
_NOT_A_LINE = ("\x00", "a\x00b", "\ud83d", "\ude00a", "a\n", "\n", "\ude00\ud83d")


def units(text: str) -> int:
    """Counted apart from what is tested."""
    return len(text.encode("utf-16-le")) // 2


def pushed_value(choices: Choices, text: str, sections: Sections) -> tuple[Any, bool]:
    """A value made from sections that fit the text, and whether it must be refused."""
    if choices.one_in(3):
        return _written_oddly(choices, sections), False
    return choices.one_of(_SPOILERS)(choices, text, sections), True


def _written_oddly(choices: Choices, sections: Sections) -> Sections:
    """The same with sections in pieces, and with ones that do nothing."""
    odd: Sections = []
    for section in sections:
        if choices.one_in(3):
            odd.append(choices.one_of((0, [0], [0, ""])))
        part = choices.below(_old_length(section) + 1)
        match section:
            case int():
                odd += [part, section - part]
            case [length] | [length, ""]:
                odd += [[part], [length - part, ""]]
            case _:
                odd.append(section)
    return odd


def _not_an_array(choices: Choices, text: str, sections: Sections) -> object:
    return choices.one_of(_NOT_AN_ARRAY)


def _with_a_bad_section(choices: Choices, text: str, sections: Sections) -> Sections:
    return _with(choices, sections, choices.one_of(_NOT_A_SECTION))


def _with_a_bad_line(choices: Choices, text: str, sections: Sections) -> Sections:
    lines = [choices.one_of(("", "a")) for _ in choices.some(2)]
    return _with(choices, sections, [0, *lines, choices.one_of(_NOT_A_LINE)])


def _for_another_length(choices: Choices, text: str, sections: Sections) -> Sections:
    shorter = [at for at, section in enumerate(sections) if _old_length(section)]
    if shorter and choices.one_in(2):
        at = choices.one_of(shorter)
        return [*sections[:at], *sections[at + 1 :]]
    length = 1 + choices.below(5)
    return _with(choices, sections, choices.one_of((length, [length], [length, "a"])))


def _cutting_a_character(choices: Choices, text: str, sections: Sections) -> object:
    inside = [units(text[:at]) + 1 for at, character in enumerate(text) if units(character) == 2]
    if not inside:
        return _not_an_array(choices, text, sections)
    before = choices.one_of(inside)
    after = units(text) - before
    return choices.one_of(
        (
            [before, [0, "a"], after],
            [[before], after],
            [before, [after]],
            [before, [1], after - 1],
            [[before, "a"], after],
            [before, [after, "a"]],
            [[before, "a"], [after]],
            [[before], [after, "a"]],
        )
    )


def _old_length(section: Any) -> int:
    length: int = section[0] if isinstance(section, list) else section
    return length


def _with(choices: Choices, sections: Sections, section: object) -> Sections:
    at = choices.below(len(sections) + 1)
    return [*sections[:at], section, *sections[at:]]


_SPOILERS: tuple[Callable[[Choices, str, Sections], object], ...] = (
    _not_an_array,
    _with_a_bad_section,
    _with_a_bad_line,
    _for_another_length,
    _cutting_a_character,
)
