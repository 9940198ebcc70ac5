"""Texts and change sets for property tests."""

from typing import Any

from hypothesis import strategies as st

from apps.editing.changes import ChangeSet
from apps.editing.utf16 import unit_count

# Few characters, so that texts have much in common; astral ones that share a first or a last surrogate.
TEXT = st.text(st.sampled_from("ab \n\r\té漢😀😁🨀\u2028"), max_size=20)
ANY_TEXT = TEXT | st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


INSERTED = st.text(st.sampled_from("ab \n\r😀😁"), max_size=3)


@st.composite
def changes_of(draw: st.DrawFn, text: str, inserted: st.SearchStrategy[str] = INSERTED) -> ChangeSet:
    """A change set for the text, of up to five sections before the rest; it cuts no character."""
    sections: list[Any] = []
    for _ in range(draw(st.integers(0, 5))):
        length = draw(st.integers(0, len(text)))
        units = unit_count(text[:length])
        sections.append([units, *draw(inserted).split("\n")] if draw(st.booleans()) else units)
        text = text[length:]
    return ChangeSet.from_json([*sections, unit_count(text)])


@st.composite
def series_of(draw: st.DrawFn, text: str) -> list[ChangeSet]:
    """Up to three change sets that follow one another, beginning with the text."""
    series = []
    for _ in range(draw(st.integers(0, 3))):
        series.append(draw(changes_of(text)))
        text = series[-1].apply(text)
    return series
