"""Head and tail of what a cell prints: laws that hold for any text in any pieces."""

import re

from hypothesis import given
from hypothesis import strategies as st

from apps.kernels.kernel_text_limit import PIECE_CHARS, TextLimit, TextLimits, in_pieces

MAX = 100
TAIL = 10

# Digits only, so that nothing printed looks like a note.
texts = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text("0123456789", max_size=60)))


def shown(limit: TextLimit, printed: list[tuple[str, str]]) -> str:
    now = "".join(limit.take(name, text) for name, text in printed)
    return now + "".join(text for _, text in limit.end())


@given(texts)
def test_what_is_within_the_limit_is_shown_as_it_is_and_else_head_tail_and_count(
    printed: list[tuple[str, str]],
) -> None:
    whole = "".join(text for _, text in printed)
    parts = re.split(r"\n?\[.*\]\n", shown(TextLimit(MAX), printed))
    if len(whole) <= MAX:
        assert parts == [whole]
    else:
        assert parts == [whole[: MAX - TAIL], "", whole[-TAIL:]]


@given(texts)
def test_the_note_says_how_much_is_missing(printed: list[tuple[str, str]]) -> None:
    length = sum(len(text) for _, text in printed)
    said = shown(TextLimit(MAX), printed)
    missing = re.findall(r"\[([\d,]+) characters are left out here", said)
    assert missing == ([f"{length - MAX:,}"] if length > MAX else [])


@given(texts)
def test_the_tail_is_under_the_names_it_was_printed_to(printed: list[tuple[str, str]]) -> None:
    limit = TextLimit(MAX)
    for name, text in printed:
        limit.take(name, text)
    chars = [(name, char) for name, text in printed for char in text]
    tail = [(name, char) for name, text in limit.end() if "[" not in text for char in text]
    assert tail == chars[MAX - TAIL :][-TAIL:]


def test_after_the_end_nothing_is_kept_and_that_is_said_once() -> None:
    limit = TextLimit(MAX)
    assert limit.take("stdout", "1" * 90) == "1" * 90
    assert limit.end() == []
    assert "what follows is left out" in limit.take("stdout", "2")
    assert limit.take("stdout", "3") == ""
    assert limit.end() == []


def test_what_is_cleared_counts_no_more() -> None:
    limits = TextLimits()
    limits.max_chars = MAX
    for _ in range(5):
        assert list(limits.take("cell", "stdout", "1" * 90)) == ["1" * 90]
        limits.clear("cell")
    assert limits.end("cell") == []


def test_long_text_comes_in_pieces() -> None:
    text = "1" * (2 * PIECE_CHARS + 1)
    assert [len(piece) for piece in in_pieces(text)] == [PIECE_CHARS, PIECE_CHARS, 1]
