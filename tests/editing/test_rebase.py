"""Changes that were made on an old text. The algebra of mapping is checked against CodeMirror elsewhere."""

from itertools import pairwise

import pytest

from apps.editing.diff import diff
from apps.editing.rebase import rebased
from apps.editing.undo import Overwritten


def after(old: str, mine: str, *theirs: str) -> str:
    """The text that comes of `mine` on the last of theirs."""
    texts = [old, *theirs]
    steps = [diff(before, then) for before, then in pairwise(texts)]
    return rebased(old, diff(old, mine), steps).apply(texts[-1])


@pytest.mark.parametrize(
    ("old", "mine", "theirs", "both"),
    [
        ("a = 1\nb = 2", "a = 1\nb = 3", [], "a = 1\nb = 3"),
        ("a = 1\nb = 2", "a = 1\nb = 3", ["# new\na = 1\nb = 2"], "# new\na = 1\nb = 3"),
        ("a = 1\nb = 2", "a = 1\nb = 3", ["a = 10\nb = 2", "a = 10\nb = 2\nc = 4"], "a = 10\nb = 3\nc = 4"),
        ("a", "ab", ["ac"], "acb"),
        # What they took back again has not happened.
        ("one two", "one 2", ["one TWO", "one two"], "one 2"),
        ("😀 x", "😀 y", ["😀😀 x"], "😀😀 y"),
    ],
)
def test_side_by_side(old: str, mine: str, theirs: list[str], both: str) -> None:
    assert after(old, mine, *theirs) == both


@pytest.mark.parametrize(
    ("old", "mine", "theirs"),
    [
        ("x = 1234", "x = 99", ["x = 5678"]),
        ("keep drop keep", "keep  keep", ["keep drXop keep"]),
        ("abcd", "abXcd", [""]),
    ],
)
def test_the_same_text(old: str, mine: str, theirs: list[str]) -> None:
    with pytest.raises(Overwritten):
        after(old, mine, *theirs)
