"""What functions read when they are called, wherever their values have got to.

`def f(): return x` reads nothing yet: the cell that calls `f` reads `x`. Names do not tell whether a cell calls what
it uses, or puts it into what it binds (`g = f`, `model = Model()`), so every cell counts as doing both.
"""

from collections.abc import Callable, Iterable, Set

from apps.dataflow.names import Names

_NOTHING: frozenset[str] = frozenset()


class Carried:
    """The state of a walk: `{name: names that its value may read when it is called}`."""

    def __init__(self) -> None:
        self._by_name: dict[str, Set[str]] = {}

    def read_by(self, needs: Set[str]) -> dict[str, str]:
        """What a cell that needs these names may read besides: `{name: the name whose value reads it}`."""
        carriers = sorted(self._by_name.keys() & needs)
        found: dict[str, str] = {}
        for carrier in carriers:  # it grows
            for name in sorted(self._by_name[carrier]):
                if name not in needs and name not in found:
                    found[name] = carrier
                    if name in self._by_name:
                        carriers.append(name)
        return found

    def pass_on(
        self, names: Names, needs: Set[str], touches: Set[str], is_touched_later: Callable[[str], bool]
    ) -> None:
        """A cell has run: what it touches may carry what it got or used, and functions what they read themselves.

        Names that are not touched any more need not be carried on: the cell reads them itself, and from the same cell
        as all that depend on it.
        """
        if not self._by_name and not names.deferred:
            return
        read = _NOTHING.union(*(self._by_name[name] for name in self._by_name.keys() & needs), *_used(names))
        received = frozenset(filter(is_touched_later, read))
        carriers = (touches if received else touches & names.deferred.keys()) - names.imports
        for name in self._by_name.keys() & (touches - carriers):
            del self._by_name[name]
        for name in carriers:
            self._by_name[name] = received.union(names.deferred.get(name, ()))


def _used(names: Names) -> Iterable[Set[str]]:
    """What those of a cell's functions read that it may use itself: then that is among what it reads."""
    return (reads for reads in names.deferred.values() if reads - names.writes <= names.reads)
