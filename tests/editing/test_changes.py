"""Change sets in CodeMirror's wire form. Positions are UTF-16 units, so "😀" is two."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.base.errors import Invalid
from apps.editing.changes import apply, is_identity, replacement

# Few characters, so that texts have much in common; astral ones that share a first or a last surrogate.
TEXT = st.text(st.sampled_from("ab \n\r\té漢😀😁🨀\u2028"), max_size=20)
ANY_TEXT = TEXT | st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


class TestApply:
    @pytest.mark.parametrize(
        ("text", "changes", "result"),
        [
            ("", [], ""),
            ("abc", [3], "abc"),
            ("abc", [1, 2], "abc"),
            ("abc", [[3]], ""),
            ("abc", [1, [1], 1], "ac"),
            ("abc", [1, [0, "X"], 2], "aXbc"),
            ("abc", [[0, "X"], 3], "Xabc"),
            ("abc", [3, [0, "X"]], "abcX"),
            ("abc", [[2, "X"], 1], "Xc"),
            ("abc", [[1, "X"], [1], [1, "YZ"]], "XYZ"),
            ("", [[0, "one", "two"]], "one\ntwo"),
            ("ab", [1, [0, "", ""], 1], "a\nb"),
            ("a\nb", [1, [1, " "], 1], "a b"),
            ("a\nb", [1, [1, "", "", ""], 1], "a\n\nb"),
            ("abc", [0, 3, 0], "abc"),
            ("abc", [3, [0]], "abc"),
            ("abc", [3, [0, ""]], "abc"),
        ],
    )
    def test_sections(self, text: str, changes: list[Any], result: str) -> None:
        assert apply(text, changes) == result

    @pytest.mark.parametrize(
        ("text", "changes", "result"),
        [
            ("😀", [2], "😀"),
            ("😀", [[2]], ""),
            ("a😀b", [3, [1, "c"]], "a😀c"),
            ("a😀b", [1, [2, "😁"], 1], "a😁b"),
            ("😀😁", [2, [0, "é"], 2], "😀é😁"),
            ("é漢", [1, [1]], "é"),
        ],
    )
    def test_counts_utf_16_units(self, text: str, changes: list[Any], result: str) -> None:
        assert apply(text, changes) == result

    @pytest.mark.parametrize("line", ["\r", "a\rb", "\r\r", "\u2028", "\x0b\x0c", "\x85"])
    def test_only_a_line_feed_ends_a_line(self, line: str) -> None:
        assert apply("ab", [1, [0, line], 1]) == f"a{line}b"
        assert apply(f"a{line}b", [1, len(line), 1]) == f"a{line}b"

    @pytest.mark.parametrize(
        "changes",
        [
            None,
            3,
            "3",
            {},
            {"0": 3},
            [None],
            ["abc"],
            [3.0],
            [True, 2],
            [-1, 4],
            [[]],
            [[-1], 4],
            [["abc"]],
            [[True], 2],
            [[3.0]],
            [[3, 1]],
            [[3, None]],
            [[3, ["x"]]],
            [[[3]]],
            [{"keep": 3}],
            [[0, "x", 1], 3],
        ],
    )
    def test_malformed(self, changes: Any) -> None:
        with pytest.raises(Invalid, match="change set"):
            apply("abc", changes)

    @pytest.mark.parametrize(
        "changes", [[], [2], [4], [[2]], [[4]], [1, [0, "abc"]], [3, [1]], [10**30], [[10**30]]]
    )
    def test_for_a_text_of_another_length(self, changes: list[Any]) -> None:
        with pytest.raises(Invalid, match="UTF-16 units; the cell has 3"):
            apply("abc", changes)

    @pytest.mark.parametrize("changes", [[1, [0, "x"], 1], [[1], 1], [1, [1]], [1, [1, "x"]]])
    def test_cuts_a_surrogate_pair(self, changes: list[Any]) -> None:
        with pytest.raises(Invalid, match="surrogate pair"):
            apply("😀", changes)

    def test_a_section_may_end_within_a_pair_that_stays_whole(self) -> None:
        assert apply("😀", [1, 1]) == "😀"
        assert apply("😀", [1, [0], 1]) == "😀"

    @pytest.mark.parametrize("line", ["\x00", "a\x00", "\ud83d", "\ude00x", "😀\udfff"])
    def test_text_that_cannot_be_stored(self, line: str) -> None:
        with pytest.raises(Invalid, match="NUL characters or lone surrogates"):
            apply("", [[0, line]])

    def test_a_line_feed_within_a_line(self) -> None:
        with pytest.raises(Invalid, match="line feed"):
            apply("", [[0, "a\nb"]])

    @given(ANY_TEXT, st.recursive(st.integers() | TEXT | st.booleans() | st.none(), st.lists, max_leaves=8))
    def test_law_whatever_comes_it_is_applied_or_invalid(self, text: str, changes: Any) -> None:
        try:
            result = apply(text, changes)
        except Invalid:
            return
        result.encode()
        assert "\x00" not in result


class TestReplacement:
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
        ],
    )
    def test_keeps_the_common_beginning_and_end(self, old: str, new: str, changes: list[Any]) -> None:
        assert replacement(old, new) == changes

    @given(ANY_TEXT, ANY_TEXT)
    def test_law_applied_it_gives_the_new_text(self, old: str, new: str) -> None:
        assert apply(old, replacement(old, new)) == new

    @given(TEXT, TEXT, TEXT, TEXT)
    def test_law_of_a_change_in_the_middle_it_is_no_longer_than_the_change(
        self, before: str, removed: str, inserted: str, after: str
    ) -> None:
        changes = replacement(before + removed + after, before + inserted + after)
        sections = [section for section in changes if isinstance(section, list)]
        assert sum(section[0] for section in sections) <= len(removed.encode("utf-16-le")) // 2
        assert sum(len("\n".join(section[1:])) for section in sections) <= len(inserted)

    @given(ANY_TEXT, ANY_TEXT)
    def test_law_it_changes_nothing_exactly_if_the_texts_are_one(self, old: str, new: str) -> None:
        assert is_identity(replacement(old, new)) == (old == new)
