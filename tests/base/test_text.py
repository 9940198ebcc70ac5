import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.base.text import is_storable, storable

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=20,
)


@pytest.mark.parametrize("text", ["", "plain", "two\r\nlines\t", "é 漢 😀", "\x01\x7f\ufffd\ufeff\uffff"])
def test_kept(text: str) -> None:
    assert is_storable(text)
    assert storable(text) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("\x00", "\ufffd"),
        ("a\x00b\x00", "a\ufffdb\ufffd"),
        ("\ud83d", "\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("😀\udfff", "😀\ufffd"),
    ],
)
def test_replaced(text: str, stored: str) -> None:
    assert not is_storable(text)
    assert storable(text) == stored


def test_in_lists_and_keys_and_values() -> None:
    value = {"a\x00": ["\x00", {"\ud800": "x\x00"}], "n": [1, 2.5, None, True]}
    clean = {"a\ufffd": ["\ufffd", {"\ufffd": "x\ufffd"}], "n": [1, 2.5, None, True]}
    assert storable(value) == clean


@given(ANY_JSON)
def test_law_all_of_it_can_be_stored_and_stays(value: Any) -> None:
    stored = storable(value)
    text = json.dumps(stored, ensure_ascii=False)
    assert is_storable(text)
    text.encode()
    assert storable(stored) == stored


@given(ANY_TEXT)
def test_law_storable_is_what_utf_8_and_postgresql_take(text: str) -> None:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        assert not is_storable(text)
    else:
        assert is_storable(text) == (b"\x00" not in encoded)
