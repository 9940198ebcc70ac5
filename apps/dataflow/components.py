"""The circles of a directed graph."""

from collections.abc import Sequence
from math import inf


def strongly_connected(followers: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strongly connected components of more than one node, each ascending. `followers` is by node.

    Tarjan, "Depth-first search and linear graph algorithms" (1972), without recursion: notebooks can be deeper than
    Python's stack.
    """
    components = []
    found: dict[int, int] = {}  # the how-manieth node this is
    lowest: dict[
        int, float
    ] = {}  # the first node found that it leads back to; inf: its component is complete
    path: list[int] = []  # nodes whose components are not complete
    for root in range(len(followers)):
        visits = [] if root in found else [(root, iter(followers[root]))]
        while visits:
            node, rest = visits[-1]
            if node not in found:
                found[node] = lowest[node] = len(found)
                path.append(node)
            follower = next((follower for follower in rest if follower not in found), None)
            if follower is not None:
                visits.append((follower, iter(followers[follower])))
                continue
            visits.pop()
            lowest[node] = min([found[node], *(lowest[follower] for follower in followers[node])])
            if lowest[node] == found[node]:
                component = _popped_until(node, path)
                lowest.update(dict.fromkeys(component, inf))
                if len(component) > 1:
                    components.append(sorted(component))
    return components


def _popped_until(node: int, path: list[int]) -> list[int]:
    popped = [path.pop()]
    while popped[-1] != node:
        popped.append(path.pop())
    return popped
