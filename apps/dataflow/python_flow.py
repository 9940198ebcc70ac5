"""Where the value of a name may come from, at a point of a cell: from before it, from the cell itself, or nowhere.

The walk over a cell goes through it in the order in which it runs. Where it branches, the walk forks, follows each path
and takes it back, and joins them. So a name that was bound on one path only has both origins after it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from apps.dataflow.python_unreadable import Unreadable

# Sets of origins are sums of these, not `IntFlag`: that is ten times as slow.
BEFORE, OWN, GONE = 1, 2, 4

# A name of the notebook, or one of the body of a class, under the number of this.
Key = str | tuple[int, str]

# What changed on a path since its fork; None if it never reaches its end.
Path = Mapping[Key, int] | None
UNCHANGED: Path = {}

# Only text that is made to be slow comes near it: by paths that are copied at thousands of exits, or the like.
_MAX_STEPS = 1_000_000


class Fork(NamedTuple):
    changes: int
    dead: bool


class Flow:
    def __init__(self) -> None:
        self.dead = False  # nothing gets here: after `raise`, `break`, ...
        self._origins: dict[Key, int] = {}  # of names with other origins than BEFORE
        self._changes: list[tuple[Key, int]] = []  # names and what their origins were
        self._touched: list[tuple[Key, int]] = []  # all that was ever bound and unbound, on whatever path
        self._steps = 0

    def origins(self, key: Key) -> int:
        return 0 if self.dead else self._origins.get(key, BEFORE)

    def bind(self, key: Key) -> None:
        if not self.dead:
            self._touched.append((key, OWN))
            self._change(key, OWN)

    def unbind(self, key: Key) -> None:
        # Even if nothing gets here: the name of an exception goes also where its handler raises.
        self._touched.append((key, GONE))
        self._change(key, GONE)

    def perhaps(self, key: Key, origin: int) -> None:
        """Somebody may bind or unbind the name from here on."""
        if not self.dead:
            self._touched.append((key, origin))
            self._change(key, self._origins.get(key, BEFORE) | origin)

    def fork(self) -> Fork:
        return Fork(len(self._changes), self.dead)

    def path(self, fork: Fork) -> Path:
        """What changed since the fork."""
        self.spend(len(self._changes) - fork.changes)
        return None if self.dead else {key: self._origins[key] for key, _ in self._changes[fork.changes :]}

    def take_back(self, fork: Fork) -> Path:
        """What changed since the fork, and everything is as it was there."""
        path = self.path(fork)
        while len(self._changes) > fork.changes:
            key, before = self._changes.pop()
            self._origins[key] = before
        self.dead = fork.dead
        return path

    def join(self, paths: Iterable[Path]) -> None:
        """Goes on from the ends of these paths, each taken since the state of now."""
        live = [path for path in paths if path is not None]
        if not live:
            self.dead = True
        joined: dict[Key, int] = {}
        changed_on: dict[Key, int] = {}
        for path in live:
            for key, origins in path.items():
                joined[key] = joined.get(key, 0) | origins
                changed_on[key] = changed_on.get(key, 0) + 1
        for key, origins in joined.items():
            everywhere = changed_on[key] == len(live)
            self._change(key, origins if everywhere else origins | self._origins.get(key, BEFORE))

    def moment(self) -> int:
        return len(self._touched)

    def touched_since(self, moment: int) -> set[Key]:
        return {key for key, _ in self._touched[moment:]}

    def interrupt_since(self, moment: int) -> None:
        """Goes on from any point that was passed since the moment, as the handler of an exception does."""
        self.spend(len(self._touched) - moment)
        for key, origin in self._touched[moment:]:
            self._change(key, self._origins.get(key, BEFORE) | origin)

    def end(self) -> dict[str, int]:
        """The origins, at the end, of every name of the notebook that was bound or unbound on whatever path."""
        return {
            key: self._origins[key] if self._origins.get(key, BEFORE) != BEFORE else BEFORE | origin
            for key, origin in dict(self._touched).items()
            if isinstance(key, str)
        }

    def spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MAX_STEPS:
            raise Unreadable("Too entangled to analyse: the cell branches too often over too many names.")

    def _change(self, key: Key, origins: int) -> None:
        if not self.dead:
            self._changes.append((key, self._origins.get(key, BEFORE)))
            self._origins[key] = origins
