"""What `apps/editing` makes of a case, by the names in library.mjs."""

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from typing import Any

from apps.base.errors import Invalid
from apps.editing.changes import ChangeSet, apply_all
from fuzz.change_sets.cases import Case
from fuzz.change_sets.library import Outcome
from fuzz.change_sets.pushed_values import units


def outcome(case: Case) -> Outcome:
    try:
        if "value" in case:
            changes = ChangeSet.from_json(case["value"])
            return {"sets": [changes.to_json()], "texts": [changes.apply(case["text"])]}
        ours, theirs = (
            [ChangeSet.from_json(sections) for sections in case[who]] for who in ("ours", "theirs")
        )
        return _edited_by_two(case["text"], ours, theirs)
    except Invalid:
        return None
    except Exception as error:  # a finding too
        return {"crashed": repr(error)}


def _edited_by_two(text: str, ours: list[ChangeSet], theirs: list[ChangeSet]) -> Outcome:
    identity = ChangeSet.identity(units(text))
    a, b = (reduce(ChangeSet.compose, side, identity) for side in (ours, theirs))
    texts = list(accumulate(ours, lambda before, changes: changes.apply(before), initial=text))
    inverted = [changes.invert(before) for changes, before in zip(ours, texts, strict=False)]
    back = reduce(ChangeSet.compose, reversed(inverted), ChangeSet.identity(a.new_length))
    rebased, over = [], a
    for changes in theirs:
        rebased.append(changes.map(over))
        over = over.map(changes, before=True)
    return {
        "sets": _as_json([*ours, *theirs]),
        "texts": texts[1:],
        "composed": _as_json([a, b]),
        "lengths": [a.length, a.new_length],
        "inverted": _as_json([*inverted, back, a.invert(text), b.invert(text)]),
        "mapped": _as_json([a.map(b), a.map(b, before=True), b.map(a), b.map(a, before=True)]),
        "rebased": _as_json([*rebased, over]),
        "merged_at_once": [a.compose(b.map(a)).apply(text), b.compose(a.map(b, before=True)).apply(text)],
        "merged_one_by_one": [apply_all(text, [a, *rebased]), apply_all(text, [*theirs, over])],
    }


def _as_json(change_sets: Sequence[ChangeSet]) -> list[Any]:
    return [changes.to_json() for changes in change_sets]
