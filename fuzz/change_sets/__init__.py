"""`apps/editing` against @codemirror/state: random cases, the same here and in Node, must come to the same."""

import json
from collections.abc import Iterator, Sequence

from fuzz.change_sets.cases import Case, made_case
from fuzz.change_sets.choices import Choices, boiled_down, seeded
from fuzz.change_sets.library import Library, Outcome
from fuzz.change_sets.outcomes import outcome

_CASES_A_BATCH = 200


def diverging(seed: int, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The numbers of the cases that diverge, each with a report on the smallest such case found."""
    with Library() as library:
        for start in range(0, len(numbers), _CASES_A_BATCH):
            batch = numbers[start : start + _CASES_A_BATCH]
            cases = [made_case(seeded(seed, number)) for number in batch]
            for number, divergence in zip(batch, _divergences(library, cases), strict=True):
                if divergence:
                    yield number, _report(library, seeded(seed, number))


def _divergences(library: Library, cases: list[Case]) -> list[str]:
    """For each case, what differs; an empty string if nothing does."""
    library.ask(cases)
    here = [outcome(case) for case in cases]
    return [_divergence(*each) for each in zip(cases, here, library.outcomes(), strict=True)]


def _divergence(case: Case, here: Outcome, there: Outcome) -> str:
    if case.get("is_malformed"):
        return f"accepted here: {here}" if here else ""
    if not here or not there:
        return "refused by " + " and ".join(
            name for name, side in (("us", here), ("the library", there)) if not side
        )
    differing = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    if differing:
        return "\n".join(
            f"{name}:\n  here:    {here.get(name)}\n  library: {there.get(name)}" for name in differing
        )
    merged = [name for name in here if name.startswith("merged") and len(set(here[name])) > 1]
    return "\n".join(f"{name}: the order makes a difference: {here[name]}" for name in merged)


def _report(library: Library, choices: Choices) -> str:
    made_case(choices)

    def diverges(made: list[int]) -> bool:
        return bool(_divergences(library, [made_case(Choices(given=made))])[0])

    case = made_case(Choices(given=boiled_down(choices.made, diverges)))
    return f"{json.dumps(case)}\n{_divergences(library, [case])[0]}"
