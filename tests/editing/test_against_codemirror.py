"""`apps/editing` and @codemirror/state come to the same, section by section (`fuzz/change_sets`, which says more)."""

from itertools import pairwise

import pytest

from apps.editing import merging
from fuzz.change_sets import diverging
from fuzz.change_sets.cases import Case, made_case
from fuzz.change_sets.choices import seeded

SEED = 20_000
CASES = range(20_000)


def test_the_same_comes_of_the_same() -> None:
    for number, report in diverging(SEED, CASES):
        pytest.fail(f"Case {number} diverges. The smallest like it that was found:\n{report}")


def test_a_wrong_rule_is_found_and_boiled_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """What starts in one place: ours always first."""
    monkeypatch.setattr(
        merging, "_is_next", lambda theirs, mine, before: not mine.is_change or mine.is_placed
    )
    _, report = next(diverging(SEED, CASES))
    case = report.splitlines()[0]
    assert case == '{"text": "", "ours": [[[0, "a"]]], "theirs": [[[0, "a"]]]}'


def test_the_cases_hold_everything_that_is_hard() -> None:
    cases = [made_case(seeded(SEED, number)) for number in CASES[:2000]]
    texts = [case["text"] for case in cases]
    assert any(text == "" for text in texts)
    assert any("\r\n" in text for text in texts)
    assert any(character > "\uffff" for text in texts for character in text)
    assert any(len(line) > 2000 for text in texts for line in text.split("\n"))
    edited = [case for case in cases if "ours" in case]
    assert any(len(case["ours"]) == 3 and len(case["theirs"]) == 3 for case in edited)
    assert any(_has_neighbouring_changes(case) for case in edited)
    assert 100 < sum(case.get("is_malformed", False) for case in cases) < 500
    assert any("value" in case and not case["is_malformed"] for case in cases)


def _has_neighbouring_changes(case: Case) -> bool:
    return any(
        isinstance(left, list) and isinstance(right, list)
        for changes in case["ours"]
        for left, right in pairwise(changes)
    )
