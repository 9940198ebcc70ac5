"""What random cells do to names when they run is what was told of their text."""

import dis
from collections.abc import Iterator
from random import Random
from types import CodeType, FunctionType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apps.dataflow.names import Names, names_of
from tests.dataflow.snippets_random import NAMES, World, random_cell, random_straight_cell

SEEDS = st.integers(0, 2**32)

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")


@given(SEEDS)
@settings(max_examples=1000, deadline=None)
def test_straight_cells_do_just_what_is_told(seed: int) -> None:
    source = random_straight_cell(Random(seed))
    code, names, world = _compiled(source), names_of(source), World(0)
    assume(world.run(code))
    assert names.reads.intersection(NAMES) == world.read
    assert names.writes == world.touched() & world.keys()
    assert names.deletes == NAMES - world.keys()
    assert not names.conditional


@given(SEEDS, SEEDS)
@settings(max_examples=1500, deadline=None)
def test_cells_do_nothing_that_is_not_told(seed: int, chances: int) -> None:
    source = random_cell(Random(seed))
    code, names, world = _compiled(source), names_of(source), World(chances)
    has_ended = world.run(code)
    assert world.read <= names.reads
    assert world.touched() <= names.writes | names.deletes
    if has_ended:
        _check_end(world, names, bound_unseen=set(_globals_bound_unseen(code)))


@given(SEEDS, SEEDS)
@settings(max_examples=1000, deadline=None)
def test_functions_read_nothing_that_is_not_told(seed: int, chances: int) -> None:
    source = random_cell(Random(seed))
    code, names, world = _compiled(source), names_of(source), World(chances)
    world.run(code)
    # What is not bound when the cell ends can be left by one that failed; cells that need it are blocked then.
    told = names.writes - set(_globals_bound_unseen(code))
    functions = {
        name: function
        for name, function in world.items()
        if isinstance(function, FunctionType) and function.__name__ == name and name in told
    }
    for name in functions:
        world.renew(NAMES - {name})
        world.run(compile(f"call({name})", "<cell>", "exec"))
        assert world.read <= names.deferred.get(name, frozenset())


def _compiled(source: str) -> CodeType:
    try:
        return compile(source, "<cell>", "exec")
    except SyntaxError:
        assume(False)
        raise


def _check_end(world: World, names: Names, bound_unseen: set[str]) -> None:
    unbound = NAMES - world.keys()
    assert unbound <= names.deletes
    assert world.touched() - unbound <= names.writes
    always_written = names.writes - names.conditional
    assert always_written - bound_unseen <= world.touched()
    assert always_written - names.deletes <= world.keys()
    assert (names.deletes - names.conditional - names.writes).isdisjoint(world.keys())


def _globals_bound_unseen(code: CodeType) -> Iterator[str]:
    """Names that functions bind, also those of comprehensions: the world hears of it only if the value is another."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_GLOBAL":
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_bound_unseen(constant)
