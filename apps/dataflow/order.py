"""The plan order: in which order a clean run executes the cells of a notebook, and which cells need each other.

Cells are numbers here, their places in the document.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from apps.dataflow.components import strongly_connected

Edge = tuple[int, int]


class PlanOrder(NamedTuple):
    places: Sequence[int]
    """All cells, those of cycles too."""
    cycles: Sequence[Sequence[int]]
    """Cells that need each other, in document order."""


def plan_order(
    needs: Sequence[Set[str]], keeps: Sequence[Set[str]], touchers: Mapping[str, Sequence[int]]
) -> PlanOrder:
    """Every cell after the ones whose names it needs; what that leaves open, document order decides.

    `needs` are the names that each cell needs, `keeps` those of them that it may leave as they were and does not read,
    `touchers` the cells that touch a name, in document order. A cell gets a name from the nearest toucher above it or,
    if there is none and it reads the name, below it. It wants to run before the toucher that comes next, too, so that
    nothing gets between the two; wishes that contradict each other do not count.
    """
    count = len(needs)
    required, wanted = _edges(needs, keeps, touchers)
    places = _sorted(count, required | wanted)
    if len(places) == count:
        return PlanOrder(places, ())
    knots = strongly_connected(_followers(count, required | wanted))
    cycles = strongly_connected(_followers(count, required))
    feasible = [*_between(cycles, required), *_between(knots, wanted)]
    return PlanOrder(_sorted(count, feasible), cycles)


def source_of(place: int, touchers: Sequence[int], *, is_kept: bool) -> int | None:
    """From where the cell at this place gets a name: the nearest toucher above or, if none is above, below.

    Not from below if it only keeps the name: cells that each bind it `if` something do not need each other for that.
    """
    above = bisect_left(touchers, place)
    if above:
        return touchers[above - 1]
    return None if is_kept else next((toucher for toucher in touchers[:2] if toucher != place), None)


def _edges(
    needs: Sequence[Set[str]], keeps: Sequence[Set[str]], touchers: Mapping[str, Sequence[int]]
) -> tuple[set[Edge], set[Edge]]:
    required: set[Edge] = set()
    wanted: set[Edge] = set()
    for place, names in enumerate(needs):
        for name in touchers.keys() & names:
            places = touchers[name]
            source = source_of(place, places, is_kept=name in keeps[place])
            if source is not None:
                required.add((source, place))
                if len(places) > 1:
                    following = bisect_right(places, max(source, place))
                    wanted.update((place, toucher) for toucher in places[following : following + 1])
    for places in touchers.values():
        if len(places) > 1:
            wanted.update(pairwise(places))
    return required, wanted


def _sorted(count: int, edges: Collection[Edge]) -> list[int]:
    """By the edges, and of the cells that are ready always the first; without those in or behind a circle."""
    followers = _followers(count, edges)
    waits_for = [0] * count
    for _, after in edges:
        waits_for[after] += 1
    ready = [place for place in range(count) if not waits_for[place]]
    heapify(ready)
    places = []
    while ready:
        place = heappop(ready)
        places.append(place)
        for follower in followers[place]:
            waits_for[follower] -= 1
            if not waits_for[follower]:
                heappush(ready, follower)
    return places


def _followers(count: int, edges: Iterable[Edge]) -> list[list[int]]:
    followers: list[list[int]] = [[] for _ in range(count)]
    for before, after in edges:
        followers[before].append(after)
    return followers


def _between(groups: Iterable[Collection[int]], edges: Iterable[Edge]) -> Iterator[Edge]:
    """The edges that do not lie within one of the groups."""
    group_of = {place: number for number, group in enumerate(groups) for place in group}
    for before, after in edges:
        if before not in group_of or group_of[before] != group_of.get(after):
            yield before, after
