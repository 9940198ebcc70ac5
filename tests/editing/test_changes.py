"""Change sets. That they are those of @codemirror/state is held by test_against_codemirror."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.base.errors import Invalid
from apps.editing.changes import ChangeSet, apply_all, compose_all
from tests.editing.strategies import ANY_TEXT, TEXT, changes_of, series_of


def apply(text: str, changes: object) -> str:
    return ChangeSet.from_json(changes).apply(text)


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
            ("abcdef", [1, [1], 1, [0, "X"], 1, [1, "Y"], 1], "acXdYf"),
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

    @pytest.mark.parametrize(
        ("changes", "end"),
        [
            ([], None),
            ([3], None),
            ([[3]], 0),
            ([1, [0, "🚀"], 2], 3),
            ([[1, "ab"], 1, [1]], 3),
            ([3, [0, "", ""]], 4),
        ],
    )
    def test_where_the_last_change_ends(self, changes: list[Any], end: int | None) -> None:
        assert ChangeSet.from_json(changes).end == end

    @pytest.mark.parametrize("line", ["\r", "a\rb", "\r\r", "\u2028", "\x0b\x0c", "\x85"])
    def test_only_a_line_feed_ends_a_line(self, line: str) -> None:
        assert apply("ab", [1, [0, line], 1]) == f"a{line}b"
        assert apply(f"a{line}b", [1, len(line), 1]) == f"a{line}b"

    @pytest.mark.parametrize(
        "changes", [[], [2], [4], [[2]], [[4]], [1, [0, "abc"]], [3, [1]], [10**30], [[10**30]]]
    )
    def test_for_a_text_of_another_length(self, changes: list[Any]) -> None:
        with pytest.raises(Invalid, match="UTF-16 units; this one has 3"):
            apply("abc", changes)

    @pytest.mark.parametrize(
        ("text", "changes"),
        [
            ("😀", [1, [0, "x"], 1]),
            ("😀", [[1], 1]),
            ("😀", [1, [1]]),
            ("😀", [1, [1, "x"]]),
            ("😀", [[1], [1, "x"]]),
            # What stays would make a character again, but another one.
            ("😀🨀", [1, [2], 1]),
        ],
    )
    def test_cuts_a_surrogate_pair(self, text: str, changes: list[Any]) -> None:
        with pytest.raises(Invalid, match="surrogate pair"):
            apply(text, changes)

    def test_a_section_may_end_within_a_pair_that_stays_whole(self) -> None:
        assert apply("😀", [1, 1]) == "😀"
        assert apply("😀", [1, [0], 1]) == "😀"
        assert apply("😀", [[1], [1]]) == ""

    @given(ANY_TEXT, st.recursive(st.integers() | TEXT | st.booleans() | st.none(), st.lists, max_leaves=8))
    def test_law_whatever_comes_it_is_applied_or_invalid(self, text: str, changes: Any) -> None:
        try:
            result = apply(text, changes)
        except Invalid:
            return
        result.encode()
        assert "\x00" not in result


class TestApplyAll:
    @given(st.data(), TEXT)
    def test_law_it_is_one_after_the_other(self, data: st.DataObject, text: str) -> None:
        series = data.draw(series_of(text))
        result = text
        for changes in series:
            result = changes.apply(result)
        assert apply_all(text, series) == result

    def test_a_thousand_keystrokes_in_a_large_text_take_well_under_a_second(self) -> None:
        text = "漢字é1\n" * 400_000
        places = range(0, 2_000_000, 2000)
        keystrokes = [
            ChangeSet.from_json([at, [0, "x"], len(text) - at + typed]) for typed, at in enumerate(places)
        ]
        started = time.process_time()
        after = apply_all(text, keystrokes)
        assert time.process_time() - started < 1
        assert after.replace("x", "") == text
        assert all(after[at] == "x" for at in places)


class TestJson:
    @pytest.mark.parametrize(
        "changes",
        [[], [3], [[3]], [1, [1], 1], [[0, "a", ""], 3], [[1], [0, "a"], [1, "b"], 2], [[0, "😀"], 1]],
    )
    def test_there_and_back(self, changes: list[Any]) -> None:
        assert ChangeSet.from_json(changes).to_json() == changes

    @pytest.mark.parametrize(
        ("changes", "canonical"),
        [
            ([1, 2], [3]),
            ([0], []),
            ([0, 3, 0], [3]),
            ([[1], [2]], [[3]]),
            ([[0]], []),
            ([[0, ""]], []),
            ([[1, ""], 2], [[1], 2]),
            ([1, [0], 1, [0, ""], 1], [3]),
            ([[0, "a"], [0, "b", "c"]], [[0, "ab", "c"]]),
            ([[1, "a"], [1, "b"]], [[1, "a"], [1, "b"]]),
            ([[1, "a"], [0, "b"]], [[1, "a"], [0, "b"]]),
        ],
    )
    def test_is_made_canonical(self, changes: list[Any], canonical: list[Any]) -> None:
        assert ChangeSet.from_json(changes).to_json() == canonical

    @pytest.mark.parametrize("changes", [None, 3, "3", True, {}, {"0": 3}, (3,)])
    def test_not_an_array(self, changes: object) -> None:
        with pytest.raises(Invalid, match="A change set is an array of sections"):
            ChangeSet.from_json(changes)

    @pytest.mark.parametrize(
        "section",
        [
            None,
            "abc",
            3.0,
            True,
            -1,
            [],
            [-1],
            ["abc"],
            [True],
            [3.0],
            [None, "a"],
            [3, 1],
            [3, None],
            [3, ["x"]],
            [[3]],
            {"keep": 3},
            [0, "x", 1],
        ],
    )
    def test_malformed_section(self, section: object) -> None:
        with pytest.raises(Invalid, match="A section of a change set is a number"):
            ChangeSet.from_json([1, section, 2])

    @pytest.mark.parametrize("line", ["\x00", "a\x00", "\ud83d", "\ude00x", "😀\udfff"])
    def test_text_that_cannot_be_stored(self, line: str) -> None:
        with pytest.raises(Invalid, match="NUL characters or lone surrogates"):
            ChangeSet.from_json([[0, line]])

    def test_halves_of_a_pair_in_two_sections(self) -> None:
        with pytest.raises(Invalid, match="NUL characters or lone surrogates"):
            ChangeSet.from_json([[0, "\ud83d"], [0, "\ude00"]])

    def test_a_line_feed_within_a_line(self) -> None:
        with pytest.raises(Invalid, match="line feed"):
            ChangeSet.from_json([[0, "a\nb"]])


class TestLengths:
    def test_of_the_texts_before_and_after(self) -> None:
        changes = ChangeSet.from_json([1, [2, "😀", ""], [3]])
        assert (changes.length, changes.new_length) == (6, 4)

    def test_identity(self) -> None:
        assert ChangeSet.identity(3).to_json() == [3]
        assert ChangeSet.identity(0).to_json() == []
        assert ChangeSet.identity(3).is_identity
        assert ChangeSet.identity(0).is_identity

    @pytest.mark.parametrize("changes", [[[0, "a"]], [[1]], [1, [1, "b"]]])
    def test_a_change_is_not_the_identity(self, changes: list[Any]) -> None:
        assert not ChangeSet.from_json(changes).is_identity


class TestCompose:
    @given(st.data(), TEXT)
    def test_law_it_is_both(self, data: st.DataObject, text: str) -> None:
        first = data.draw(changes_of(text))
        second = data.draw(changes_of(first.apply(text)))
        assert first.compose(second).apply(text) == second.apply(first.apply(text))

    @given(st.data(), TEXT)
    def test_law_the_identity_changes_nothing(self, data: st.DataObject, text: str) -> None:
        changes = data.draw(changes_of(text))
        assert ChangeSet.identity(changes.length).compose(changes) == changes
        assert changes.compose(ChangeSet.identity(changes.new_length)) == changes

    @given(st.data(), TEXT)
    def test_law_of_a_series(self, data: st.DataObject, text: str) -> None:
        series = data.draw(series_of(text).filter(bool))
        assert compose_all(series).apply(text) == apply_all(text, series)

    def test_typed_and_deleted(self) -> None:
        typed = ChangeSet.from_json([1, [0, "xyz"], 1])
        deleted = ChangeSet.from_json([1, [3], 1])
        assert typed.compose(deleted).to_json() == [2]

    def test_cuts_a_character_that_was_inserted(self) -> None:
        with pytest.raises(Invalid, match="surrogate pair"):
            ChangeSet.from_json([[0, "😀"]]).compose(ChangeSet.from_json([1, [1]]))

    def test_not_made_for_the_result(self) -> None:
        with pytest.raises(Invalid, match="for a text of 3 UTF-16 units; this one has 4"):
            ChangeSet.from_json([[0, "a"], 3]).compose(ChangeSet.identity(3))


class TestMap:
    @given(st.data(), TEXT)
    def test_law_of_rebasing(self, data: st.DataObject, text: str) -> None:
        a, b = data.draw(changes_of(text)), data.draw(changes_of(text))
        merged = a.compose(b.map(a)).apply(text)
        assert b.compose(a.map(b, before=True)).apply(text) == merged

    @given(st.data(), TEXT)
    def test_law_what_both_insert_is_there(self, data: st.DataObject, text: str) -> None:
        a = data.draw(changes_of(text, st.sampled_from(["", "<1>", "<1>"])))
        b = data.draw(changes_of(text, st.sampled_from(["", "<2>", "<2>"])))
        merged = a.compose(b.map(a)).apply(text)
        assert merged.count("<1>") == a.apply(text).count("<1>")
        assert merged.count("<2>") == b.apply(text).count("<2>")

    def test_where_both_insert_in_one_place(self) -> None:
        ours, theirs = ChangeSet.from_json([1, [0, "o"], 1]), ChangeSet.from_json([1, [0, "t"], 1])
        assert apply_all("ab", [theirs, ours.map(theirs)]) == "atob"
        assert apply_all("ab", [theirs, ours.map(theirs, before=True)]) == "aotb"

    def test_what_both_delete_goes_once(self) -> None:
        ours, theirs = ChangeSet.from_json([1, [3], 1]), ChangeSet.from_json([2, [3]])
        assert ours.map(theirs).to_json() == [1, [1]]

    def test_over_nothing(self) -> None:
        changes = ChangeSet.from_json([1, [0, "o"], 1])
        assert changes.map(ChangeSet.identity(2)) is changes

    def test_made_for_texts_of_different_lengths(self) -> None:
        with pytest.raises(Invalid, match="for a text of 3 UTF-16 units; this one has 2"):
            ChangeSet.identity(2).map(ChangeSet.identity(3))


class TestInvert:
    @given(st.data(), TEXT)
    def test_law_it_takes_back(self, data: st.DataObject, text: str) -> None:
        changes = data.draw(changes_of(text))
        inverse = changes.invert(text)
        assert inverse.apply(changes.apply(text)) == text
        assert inverse.invert(changes.apply(text)) == changes

    def test_on_a_text_of_another_length(self) -> None:
        with pytest.raises(Invalid, match="for a text of 2 UTF-16 units; this one has 3"):
            ChangeSet.identity(2).invert("abc")
