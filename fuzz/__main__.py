"""`bin/fuzz [name …] [--seed N] [--cases N] [--first N]`: ends with 1, and what diverged, at the first case that does.

A case is made from the seed and its number alone: the same two numbers make it again.
"""

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from fuzz import change_sets, sockets


class Fuzz(NamedTuple):
    diverging: Callable[[int, Sequence[int]], Iterator[tuple[int, str]]]
    """Takes a seed and the numbers of the cases; the numbers of those that diverge, each with a report."""
    cases: int
    """How many, if nobody says."""


FUZZES = {
    "change_sets": Fuzz(change_sets.diverging, 100_000),
    "sockets": Fuzz(sockets.diverging, 20),
}


def main() -> None:
    arguments = _arguments()
    for name in arguments.names or FUZZES:
        fuzz = FUZZES[name]
        cases = arguments.cases or fuzz.cases
        print(f"{name}: {cases:,} cases from {arguments.first}, seed {arguments.seed}", flush=True)
        numbers = range(arguments.first, arguments.first + cases)
        for number, report in fuzz.diverging(arguments.seed, numbers):
            print(f"Case {number} diverges:\n{report}")
            raise SystemExit(f"Again: bin/fuzz {name} --seed {arguments.seed} --first {number} --cases 1")
        print(f"{name}: 0 divergences")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/fuzz")
    parser.add_argument("names", nargs="*", metavar="name", help=f"{', '.join(FUZZES)} (default: all)")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--cases", type=int, help="how many")
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER", help="the case to begin with")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - FUZZES.keys():
        parser.error(f"there is no fuzz {', '.join(unknown)}; there are {', '.join(FUZZES)}")
    return arguments


if __name__ == "__main__":
    main()
