import random
import time
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.editing import diff as module
from apps.editing.changes import ChangeSet
from apps.editing.diff import diff
from tests.editing.strategies import ANY_TEXT, TEXT


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("", "", []),
        ("abc", "abc", [3]),
        ("", "abc", [[0, "abc"]]),
        ("abc", "", [[3]]),
        ("abc", "axc", [1, [1, "x"], 1]),
        ("abc", "ac", [1, [1], 1]),
        ("ac", "abc", [1, [0, "b"], 1]),
        ("aaa", "aa", [2, [1]]),
        ("aa", "aaa", [2, [0, "a"]]),
        ("a\nb", "a\n\nb", [2, [0, "", ""], 1]),
        ("ab", "a\nb", [1, [0, "", ""], 1]),
        ("a\r\nb", "a\nb", [1, [1], 2]),
        ("a😀b", "a😁b", [1, [2, "😁"], 1]),
        ("😀a", "😀b", [2, [1, "b"]]),
        ("a\rb", "a\rc", [2, [1, "c"]]),
        ("1 + 2 - 3", "4 + 2 - 5", [[1, "4"], 7, [1, "5"]]),
        ("x = f(a)", "y = f(a, b)", [[1, "y"], 6, [0, ", b"], 1]),
        ("one 😀 two 😁", "😀 two 🨀", [[4], 7, [2, "🨀"]]),
    ],
)
def test_changes_no_more_than_needed(old: str, new: str, changes: list[Any]) -> None:
    assert diff(old, new).to_json() == changes


@given(ANY_TEXT, ANY_TEXT)
def test_law_applied_it_gives_the_new_text(old: str, new: str) -> None:
    assert diff(old, new).apply(old) == new


@given(TEXT, TEXT)
def test_law_it_keeps_as_many_characters_as_can_be_kept(old: str, new: str) -> None:
    assert _kept(diff(old, new), old) == _longest_common_subsequence(old, new)


@given(ANY_TEXT, ANY_TEXT)
def test_law_it_is_in_canonical_form(old: str, new: str) -> None:
    changes = diff(old, new)
    assert ChangeSet.from_json(changes.to_json()) == changes


@given(ANY_TEXT, ANY_TEXT)
def test_law_it_changes_nothing_exactly_if_the_texts_are_one(old: str, new: str) -> None:
    assert diff(old, new).is_identity == (old == new)


class TestLargeTexts:
    """Too large to be compared by characters."""

    lines = [f"line {number}: {number * number}\n" for number in range(2000)]

    def test_only_lines_that_differ_are_touched_and_of_these_only_what_differs(self) -> None:
        new = [*self.lines]
        new[100] = new[100].replace("line", "😀")
        del new[500:510]
        new[1000:1000] = ["inserted\n", "here\n"]
        new[-1] = new[-1].rstrip()
        old_text, new_text = "".join(self.lines), "".join(new)
        changes = diff(old_text, new_text)
        assert changes.apply(old_text) == new_text
        assert [section for section in changes.to_json() if isinstance(section, list)] == [
            [4, "😀"],
            [len("".join(self.lines[500:510]))],
            [0, "inserted", "here", ""],
            [1],
        ]

    def test_only_a_line_feed_ends_a_line(self) -> None:
        old = "".join(self.lines).replace("\n", "\r")
        changes = diff(old, f"x{old[1:-1]}x")
        assert changes.to_json() == [[len(old), f"x{old[1:-1]}x"]]

    @given(st.lists(st.sampled_from(["a\n", "b\n", "😀\n", "a\r\n"]), max_size=8), st.data())
    def test_law_by_lines_too_it_gives_the_new_text(self, lines: list[str], data: st.DataObject) -> None:
        old, new = "".join(lines), "".join(data.draw(st.permutations(lines))) + data.draw(TEXT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_MAX_CHARACTERS", data.draw(st.sampled_from([0, 4])))
            patch.setattr(module, "_MAX_LINES", data.draw(st.sampled_from([0, 4, 100])))
            assert diff(old, new).apply(old) == new

    @pytest.mark.parametrize("line", ["x\n", "x = 1\n", "漢字" * 40 + "\n", "😀" * 1999 + "\n"])
    def test_the_largest_take_under_two_seconds(self, line: str) -> None:
        chance = random.Random(1)
        old = (line * (2_000_000 // len(line)))[:2_000_000]
        new = "".join(chance.choices("abcdefgh \n", k=2_000_000))
        started = time.process_time()
        changes = diff(old, new)
        assert time.process_time() - started < 2
        assert changes.apply(old) == new


def _kept(changes: ChangeSet, old: str) -> int:
    """In characters."""
    units, kept = old.encode("utf-16-le"), 0
    for length, text in changes.sections:
        part, units = units[: 2 * length], units[2 * length :]
        kept += len(part.decode("utf-16-le")) if text is None else 0
    return kept


def _longest_common_subsequence(left: str, right: str) -> int:
    @cache
    def longest(i: int, j: int) -> int:
        if i == len(left) or j == len(right):
            return 0
        if left[i] == right[j]:
            return 1 + longest(i + 1, j + 1)
        return max(longest(i + 1, j), longest(i, j + 1))

    return longest(0, 0)
