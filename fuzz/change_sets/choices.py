"""Random decisions that can be repeated and made smaller, so that a failing case can be boiled down.

A case is made by a function that takes all its decisions from `Choices`. Recorded decisions with parts left out, or
with smaller numbers, make a smaller case of the same kind.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Replays `given` decisions; then random ones, or without `source` always the smallest."""

    def __init__(self, source: random.Random | None = None, given: Sequence[int] = ()) -> None:
        self._source = source
        self._given = given
        self.made: list[int] = []

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        if len(self.made) < len(self._given):
            choice = min(self._given[len(self.made)], limit - 1)
        else:
            choice = int(self._source.random() * limit) if self._source else 0
        self.made.append(choice)
        return choice

    def one_in(self, chances: int) -> bool:
        return self.below(chances) == chances - 1

    def one_of(self, options: Sequence[T]) -> T:
        """Put the simplest first."""
        return options[self.below(len(options))]

    def some(self, limit: int) -> Iterator[int]:
        """Up to `limit` - 1 rounds, numbered from 0."""
        return iter(range(self.below(limit)))


def seeded(seed: int, number: int) -> Choices:
    """The decisions of case `number` of the run with this seed."""
    return Choices(random.Random(f"{seed}/{number}"))


def boiled_down(made: Sequence[int], fails: Callable[[list[int]], bool]) -> list[int]:
    """The smallest decisions found that still fail: parts left out, then numbers made smaller, until neither helps."""
    best = list(made)
    size = len(best)
    while size:
        start = 0
        while start < len(best):
            shorter = best[:start] + best[start + size :]
            if fails(shorter):
                best = shorter
            else:
                start += size
        size //= 2
    for index in range(len(best)):
        best[index] = _smallest(best, index, fails)
    return best if best == list(made) else boiled_down(best, fails)


def _smallest(made: list[int], index: int, fails: Callable[[list[int]], bool]) -> int:
    for lower in (0, 1, made[index] // 2, made[index] - 1):
        if 0 <= lower < made[index] and fails([*made[:index], lower, *made[index + 1 :]]):
            return lower
    return made[index]
