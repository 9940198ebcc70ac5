"""Undo: what one author did goes, what others did stays. In the cases, `>` marks an edit that is to undo."""

import time
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.editing.changes import ChangeSet, apply_all
from apps.editing.diff import diff
from apps.editing.undo import Edit, Overwritten, undo
from tests.editing.strategies import TEXT, changes_of, series_of

Texts = Sequence[str]


def edits_through(*texts: str) -> tuple[str, list[Edit]]:
    """The first text, and the edits that lead through the others; each edit changes as little as possible."""
    before, *later = texts
    edits = []
    text = before
    for after in later:
        changes = diff(text, after.removeprefix(">"))
        edits.append(Edit(changes, after.startswith(">")))
        text = changes.apply(text)
    return before, edits


def undone(before: str, edits: Sequence[Edit]) -> str:
    return apply_all(before, [*(edit.changes for edit in edits), undo(before, edits)])


@pytest.mark.parametrize(
    ("texts", "result"),
    [
        (["ab"], "ab"),
        (["ab", "axb"], "axb"),
        (["ab", ">axb"], "ab"),
        (["ab", ">b"], "ab"),
        (["ab", ">axb", ">axxb", ">b"], "ab"),
        # Another types before, after and within what was typed.
        (["ab", ">a12b", "Xa12b"], "Xab"),
        (["ab", ">a12b", "a12bX"], "abX"),
        (["ab", ">a12b", "a1X2b"], "aXb"),
        # Another deletes a part of what was typed, all of it, or text around it.
        (["ab", ">a123b", "a13b"], "ab"),
        (["ab", ">a123b", "ab"], "ab"),
        (["abcd", ">ab12cd", "ad"], "ad"),
        # Another types beside what was replaced or deleted, or deletes up to it.
        (["a1b", ">a2b", "aX2b"], "aX1b"),
        (["a1b", ">a2b", "a2Xb"], "a1Xb"),
        (["a1b", ">a2b", "a2"], "a1"),
        (["a1b", ">a2b", "2b"], "1b"),
        (["a1bc", ">abc", "ac"], "a1c"),
        (["a1bc", ">abc", "bc"], "1bc"),
        (["a1b", ">ab", "Xab", "XabY"], "Xa1bY"),
        (["a1b", ">ab", "aXb"], "aX1b"),
        # The one deletes what the other typed: it comes back. What the other then deletes too stays away.
        (["ab", "aXYb", ">ab"], "aXYb"),
        (["ab", "aXYb", ">aXb", "ab"], "aYb"),
        # Only what is marked: later edits of the same author stay.
        (["ab", ">a1b", "a1b2"], "ab2"),
        # Whole characters, and positions behind them.
        (["😀b", ">😁b", "😁bX"], "😀bX"),
        (["a😀", ">a", "Xa"], "Xa😀"),
        (["a\nb", ">a\r\nb", "a\r\nb\n"], "a\nb\n"),
    ],
)
def test_what_is_left(texts: Texts, result: str) -> None:
    assert undone(*edits_through(*texts)) == result


@pytest.mark.parametrize(
    "texts",
    [
        ["ab"],
        ["ab", "aXb"],
        # Typed and deleted again; deleted and typed again; replaced and put back.
        ["ab", ">a12b", ">ab"],
        ["a12b", ">ab", ">a12b"],
        ["a1b", ">a2b", ">a1b", "aXb"],
        # Deleted by another since.
        ["ab", ">a12b", "ab"],
        ["ab", ">a12b", "a1b", "ab"],
    ],
)
def test_nothing_left_to_undo(texts: Texts) -> None:
    assert undo(*edits_through(*texts)).is_identity


@pytest.mark.parametrize(
    "texts",
    [
        # Of what was replaced, another deletes or replaces a part or all, or types within.
        ["a123b", ">a45b", "a4b"],
        ["a123b", ">a45b", "a4Xb"],
        ["a123b", ">a45b", "aXb"],
        ["a123b", ">a45b", "a4X5b"],
        ["a123b", ">a45b", ""],
        # So too if it was replaced in several edits.
        ["a1b", ">ab", ">a2b", "aXb"],
        ["a123b", ">a4b", ">a45b", "a4b"],
        # Where something was deleted, another deletes the text on both sides.
        ["a1b", ">ab", ""],
        ["a1b", ">ab", "X"],
        ["a1b", ">ab", "b", "", "X"],
        # Undoing would put back what another, then, replaced.
        ["a1b", ">a2b", "a3b", ">a1b"],
    ],
)
def test_overwritten(texts: Texts) -> None:
    with pytest.raises(Overwritten):
        undo(*edits_through(*texts))


def test_another_may_edit_what_is_the_same_in_a_replacement() -> None:
    replaced = Edit(ChangeSet.from_json([[7, "abc xyz"]]), True)
    typed = Edit(ChangeSet.from_json([1, [0, "X"], 6]), False)
    assert undone("abc def", [replaced, typed]) == "aXbc def"


def test_what_another_typed_and_deleted_within_a_replacement_is_no_matter() -> None:
    assert undone(*edits_through("a12b", ">a34b", "a3X4b", "a34b")) == "a12b"


@given(st.data(), TEXT)
def test_law_all_edits_of_one_author(data: st.DataObject, text: str) -> None:
    edits = [Edit(changes, True) for changes in data.draw(series_of(text))]
    assert undone(text, edits) == text


@given(st.data(), TEXT)
def test_law_without_edits_to_undo_there_is_nothing_to_do(data: st.DataObject, text: str) -> None:
    assert undo(text, [Edit(changes, False) for changes in data.draw(series_of(text))]).is_identity


@given(st.data(), st.lists(TEXT, min_size=2, max_size=5))
def test_law_of_edits_in_different_places_only_the_others_are_left(
    data: st.DataObject, parts: list[str]
) -> None:
    """The authors take turns, each in parts of their own, with a character between them that both leave alone."""
    before, kept, edits = "|".join(parts), list(parts), []
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(parts) - 1))
        changes = data.draw(changes_of(parts[at]))
        edits.append(Edit(_within(parts, at, changes), at % 2 == 0))
        parts[at] = changes.apply(parts[at])
        if at % 2:
            kept[at] = parts[at]
    assert undone(before, edits) == "|".join(kept)


@given(st.data())
def test_law_undone_or_overwritten_nothing_of_others_is_lost_and_nothing_of_the_author_stays(
    data: st.DataObject,
) -> None:
    """Every character is another one, so that each can be told from the rest."""
    fresh = map(chr, count(0x4E00))
    text = before = "".join(next(fresh) for _ in range(data.draw(st.integers(0, 8))))
    expected, edits = set(before), []
    for _ in range(data.draw(st.integers(1, 6))):
        is_to_undo = data.draw(st.booleans())
        changes = data.draw(changes_of(text, st.sampled_from(["", "?"])))
        changes = ChangeSet.from_json(
            [_with_fresh_characters(section, fresh) for section in changes.to_json()]
        )
        after = changes.apply(text)
        if not is_to_undo:
            expected = expected - (set(text) - set(after)) | (set(after) - set(text))
        edits.append(Edit(changes, is_to_undo))
        text = after
    try:
        result = undone(before, edits)
    except Overwritten:
        assume(False)
    assert sorted(result) == sorted(expected)


def test_a_long_history_takes_under_two_seconds() -> None:
    """A rewrite in hundreds of places, then ten thousand keystrokes of another, from line to line."""
    lines = [f"value_{number} = {number}\n" for number in range(5000)]
    before = "".join(lines)
    rewritten = "".join(
        line.replace("value", "result") if number % 10 == 0 else line for number, line in enumerate(lines)
    )
    edits = [Edit(diff(before, rewritten), True)]
    for number in range(10_000):
        at = rewritten.index(lines[number // 100 * 50 + 5]) + number
        edits.append(Edit(ChangeSet.from_json([at, [0, "x"], len(rewritten) + number - at]), False))
    started = time.process_time()
    changes = undo(before, edits)
    assert time.process_time() - started < 2
    after = apply_all(before, [*(edit.changes for edit in edits), changes])
    assert after.count("x") == 10_000
    assert after.replace("x", "") == before


def _within(parts: list[str], at: int, changes: ChangeSet) -> ChangeSet:
    before = "".join(f"{part}|" for part in parts[:at])
    after = "".join(f"|{part}" for part in parts[at + 1 :])
    units = [len(text.encode("utf-16-le")) // 2 for text in (before, after)]
    return ChangeSet.from_json([units[0], *changes.to_json(), units[1]])


def _with_fresh_characters(section: Any, fresh: Any) -> Any:
    return [section[0], next(fresh)] if isinstance(section, list) and len(section) > 1 else section
