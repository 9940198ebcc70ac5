"""Many notebooks at once: opened together, running together, and one that goes on while others open."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter

from bench.measure import print_table, shown
from bench.sessions import NotebookServer, Session

NOTEBOOKS = 20
CELLS = 10
CELL_S = 0.05
OTHERS = 4
ROUNDS = 3

# Cells that share no name: they could run in any order, and marimo wants it so.
SOURCES = ["print(1)", *(f"__import__('time').sleep({CELL_S})" for _ in range(CELLS))]


@dataclass
class _Times:
    open_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    neighbour_ms: list[float] = field(default_factory=list)
    worst_ms: list[float] = field(default_factory=list)


def neighbours(servers: Sequence[NotebookServer]) -> None:
    columns = asyncio.run(_in_turn(servers))
    ideal_ms = CELLS * CELL_S * 1000
    print_table(
        f"{NOTEBOOKS} notebooks opened at once, then each runs {CELLS} cells of {CELL_S * 1000:.0f} ms, {ROUNDS} times",
        [server.name for server in servers],
        [
            ("open, to the result of a first print(1) in all, ms", [shown(each.open_ms) for each in columns]),
            (f"all have run, ms (ideal {ideal_ms:.0f})", [shown(each.wall_ms) for each in columns]),
            (f"print(1) while {OTHERS} others open, ms", [shown(each.neighbour_ms) for each in columns]),
            ("the worst of them, ms", [f"{max(each.worst_ms):,.2f}" for each in columns]),
        ],
    )


async def _in_turn(servers: Sequence[NotebookServer]) -> list[_Times]:
    columns = [_Times() for _ in servers]
    for _ in range(ROUNDS):
        for server, times in zip(servers, columns, strict=True):
            await _many(server, times)
            await _beside_others(server, times)
    return columns


async def _many(server: NotebookServer, times: _Times) -> None:
    notebooks = [server.make(SOURCES) for _ in range(NOTEBOOKS)]
    async with AsyncExitStack() as open_ones:
        began = perf_counter()
        sessions = await asyncio.gather(*(_ready(server, each, open_ones) for each in notebooks))
        times.open_ms.append((perf_counter() - began) * 1000)
        began = perf_counter()
        await asyncio.gather(*(session.run(range(1, CELLS + 1)) for session in sessions))
        times.wall_ms.append((perf_counter() - began) * 1000)


async def _beside_others(server: NotebookServer, times: _Times) -> None:
    notebook, *others = [server.make(SOURCES) for _ in range(1 + OTHERS)]
    async with AsyncExitStack() as open_ones:
        session = await _ready(server, notebook, open_ones)
        await session.run([0])
        opening = asyncio.gather(*(_ready(server, each, open_ones) for each in others))
        samples = []
        while not opening.done():
            samples.append((await session.run([0])).ms)
        await opening
    times.neighbour_ms += samples
    times.worst_ms.append(max(samples))


async def _ready(server: NotebookServer, notebook: str, open_ones: AsyncExitStack) -> Session:
    session = await open_ones.enter_async_context(server.opened(notebook))
    await session.run([0])
    return session
