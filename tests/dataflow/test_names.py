"""What cells do to names."""

from dataclasses import replace
from typing import Any

import pytest

from apps.dataflow.names import Names, names_of
from tests.dataflow.snippets import SNIPPETS


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(*snippet, id=f"{subject}: {snippet[0][:60]!r}")
        for subject, snippets in SNIPPETS.items()
        for snippet in snippets
    ],
)
def test_snippet(source: str, expected: str) -> None:
    names = names_of(source)
    if expected.startswith("error"):
        assert names == Names(error=names.error)
        assert names.error
        line = expected.removeprefix("error").strip()
        assert names.error.endswith(f" ({line})") if line else "(line" not in names.error
    else:
        assert replace(names, warnings=()) == _expected_names(expected)
        assert bool(names.warnings) == ("warning" in expected)


def test_there_are_enough_snippets() -> None:
    assert sum(map(len, SNIPPETS.values())) >= 200


def test_says_what_is_wrong_and_where() -> None:
    assert names_of("a = (\nb = 1").error == "'(' was never closed (line 1)"


def _expected_names(text: str) -> Names:
    """From the notation of the snippets."""
    names, *more = text.removesuffix("; warning").split(";")
    reads, writes = names.split("->")
    fields: dict[str, Any] = {"reads": _set(reads), "writes": _set(writes)}
    deferred = {}
    for part in more:
        word, _, listed = part.strip().partition(" ")
        if word == "later":
            function, _, listed = listed.partition(": ")
            deferred[function] = _set(listed)
        else:
            fields[word] = _set(listed)
    return Names(**fields, deferred=deferred)


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())
