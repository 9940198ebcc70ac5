"""Random notebooks and what somebody does with them, for the law of clean runs. Pure data: kernels do it."""

import itertools
from dataclasses import dataclass

from hypothesis import strategies as st

from apps.dataflow.selection import Mode

# No list ever has two names: a change by one of them would not show in the names of the other.
STATEMENTS = [
    "{value} = {number}",
    "{value} = [{number}]",
    "{value} = {other} + 1",
    "{value} = {value} + 1",
    "{value} += 1",
    "{value}[0] = {number}",
    "{value}[0] += 1",
    "print({value})",
    "print({value}, {other})",
    "if {number} < 2: {value} = {number}",
    "if {other}: {value} = {number}",
    "for i in range({number}): {value} = i",
    "del {value}",
    "if {number} < 2: del {value}",
    "1 / 0",
    "try: print({value})\nexcept NameError as error: {value} = {number}",
    "def {function}(): return repr({value})",
    "def {function}(): return {callee}()",
    "{function} = {callee}",
    "print({function}())",
    "{value} = len({function}())",
    "class {function}:\n    __call__ = __repr__ = lambda self: repr({value})",
    "instance = {function}()",
    "print(instance())",
    "functions = [{function}]",
    "print(functions[0]())",
]


@dataclass(frozen=True)
class Insert:
    """Places count from 0, and may be larger than the notebook is long: then they go round."""

    place: int
    source: str


@dataclass(frozen=True)
class Edit:
    place: int
    source: str


@dataclass(frozen=True)
class Delete:
    """The last cell stays."""

    place: int


@dataclass(frozen=True)
class Move:
    """`target` is the place among the others."""

    place: int
    target: int


@dataclass(frozen=True)
class Switch:
    """Disable the cell or, if it is disabled, enable it."""

    place: int


@dataclass(frozen=True)
class Run:
    place: int
    mode: Mode


@dataclass(frozen=True)
class InterruptedRun:
    """Interrupted in the cell that is the `step`th to run."""

    place: int
    mode: Mode
    step: int


@dataclass(frozen=True)
class RunStale:
    pass


@dataclass(frozen=True)
class Restart:
    pass


Change = Insert | Edit | Delete | Move | Switch
Operation = Change | Run | InterruptedRun | RunStale | Restart


def variants(statement: str) -> list[str]:
    choices = {"value": "xyz", "other": "xyz", "function": "fg", "callee": "fg", "number": range(4)}
    combinations = itertools.product(*choices.values())
    return sorted({statement.format(**dict(zip(choices, each, strict=True))) for each in combinations})


def sources() -> st.SearchStrategy[str]:
    statement = st.one_of(*(st.sampled_from(variants(statement)) for statement in STATEMENTS))
    return st.lists(statement, min_size=1, max_size=3).map("\n".join)


def notebooks() -> st.SearchStrategy[list[str]]:
    return st.lists(sources(), min_size=2, max_size=7)


def changes() -> st.SearchStrategy[Change]:
    return st.one_of(
        st.builds(Insert, _places, sources()),
        st.builds(Edit, _places, sources()),
        st.builds(Delete, _places),
        st.builds(Move, _places, _places),
        st.builds(Switch, _places),
    )


def runs() -> st.SearchStrategy[Run]:
    return st.builds(Run, _places, st.sampled_from(Mode))


def interrupted_runs() -> st.SearchStrategy[InterruptedRun]:
    return st.builds(InterruptedRun, _places, st.sampled_from(Mode), st.integers(0, 3))


_places = st.integers(0, 6)
