"""What code that is called later does to names."""

from collections.abc import Iterable
from typing import Self


class Uses:
    """Names that code uses, by what it does to them."""

    __slots__ = ("deletes", "mutates", "reads", "writes")

    def __init__(
        self,
        *,
        reads: Iterable[str] = (),
        mutates: Iterable[str] = (),
        writes: Iterable[str] = (),
        deletes: Iterable[str] = (),
    ) -> None:
        self.reads = set(reads)
        self.mutates = set(mutates)
        self.writes = set(writes)
        self.deletes = set(deletes)

    def add(self, other: Self) -> None:
        self.reads |= other.reads
        self.mutates |= other.mutates
        self.writes |= other.writes
        self.deletes |= other.deletes


class Closure:
    """What code does that is called later. It can only bind what it, or code in it, declares `global`."""

    __slots__ = ("declared", "free")

    def __init__(self, free: Uses | None = None, declared: Uses | None = None) -> None:
        self.free = free or Uses()  # names of the scopes around
        self.declared = declared or Uses()  # names of the notebook

    def add(self, other: Self) -> None:
        self.free.add(other.free)
        self.declared.add(other.declared)

    def without(self, names: frozenset[str]) -> "Closure":
        return Closure(Uses(reads=self.free.reads - names, mutates=self.free.mutates - names), self.declared)
