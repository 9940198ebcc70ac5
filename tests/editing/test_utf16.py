import pytest
from hypothesis import given

from apps.base.errors import Invalid
from apps.editing.utf16 import Utf16Text, cut, unit_count
from tests.editing.strategies import ANY_TEXT


@pytest.mark.parametrize(("text", "units"), [("", 0), ("abc", 3), ("é漢\r\n", 4), ("a😀b", 4)])
def test_unit_count(text: str, units: int) -> None:
    assert unit_count(text) == len(Utf16Text(text)) == units


@pytest.mark.parametrize(
    ("text", "start", "end", "part"),
    [("abc", 1, 2, "b"), ("é漢字", 1, 3, "漢字"), ("a😀b", 1, 3, "😀"), ("a😀b", 3, 4, "b")],
)
def test_cut(text: str, start: int, end: int, part: str) -> None:
    assert cut(text, start, end) == Utf16Text(text).read(start, end) == part


@pytest.mark.parametrize(("start", "end"), [(0, 2), (2, 3), (2, 4)])
def test_cuts_a_character(start: int, end: int) -> None:
    with pytest.raises(Invalid, match="surrogate pair"):
        cut("a😀b", start, end)
    with pytest.raises(Invalid, match="surrogate pair"):
        Utf16Text("a😀b").replace(start, end, "")


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_law_of_replacing(before: str, new: str, after: str) -> None:
    text = Utf16Text(f"{before}old{after}")
    start = unit_count(before)
    text.replace(start, start + 3, new)
    assert str(text) == f"{before}{new}{after}"
