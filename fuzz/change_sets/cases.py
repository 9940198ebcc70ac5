"""The cases: change sets that two people made on one text (`ours`, `theirs`), or a `value` pushed as a change set.

A pushed value that `is_malformed` must be refused.
"""

from typing import Any

from fuzz.change_sets.choices import Choices
from fuzz.change_sets.pushed_values import pushed_value, units

Case = dict[str, Any]

# The simplest first. Of the astral ones, two share their first surrogate and two their last.
_PIECES = (
    "a",
    "b",
    "\n",
    " ",
    "😀",
    "é",
    "漢",
    "\r\n",
    "\r",
    "😁",
    "🨀",
    "\u2028",
    "\ufeff",
    "words ",
    "a line\n",
)


def made_case(choices: Choices) -> Case:
    text = _text(choices, 40)
    if choices.one_in(5):
        sections, _ = _changes(choices, text)
        value, is_malformed = pushed_value(choices, text, sections)
        return {"text": text, "value": value, "is_malformed": is_malformed}
    return {"text": text, "ours": _series(choices, text), "theirs": _series(choices, text)}


def _series(choices: Choices, text: str) -> list[Any]:
    """Change sets made one after the other."""
    series = []
    for _ in choices.some(4):
        sections, text = _changes(choices, text)
        series.append(sections)
    return series


def _changes(choices: Choices, text: str) -> tuple[list[Any], str]:
    """Sections over whole characters, often side by side, and the text that they make."""
    sections: list[Any] = []
    after = ""
    for _ in choices.some(6):
        kept = 0 if choices.one_in(3) else choices.below(len(text) + 1)
        removed = choices.below(min(len(text) - kept, 100 if choices.one_in(10) else 5) + 1)
        inserted = _text(choices, 5)
        if kept:
            sections.append(units(text[:kept]))
        if removed or inserted:
            sections.append([units(text[kept : kept + removed]), *(inserted.split("\n") if inserted else ())])
        after += text[:kept] + inserted
        text = text[kept + removed :]
    if text:
        sections.append(units(text))
    return sections, after + text


def _text(choices: Choices, limit: int) -> str:
    """A few pieces; now and then one of them very often."""
    text = "".join(choices.one_of(_PIECES) for _ in choices.some(limit))
    return text + choices.one_of(_PIECES) * choices.below(3000) if choices.one_in(200) else text
