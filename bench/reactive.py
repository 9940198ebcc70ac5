"""Linked cells: how soon an edit is understood, and how fast what depends on a cell runs again."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

from bench.marimo import Marimo
from bench.measure import print_table, shown
from bench.raw_kernel import RawKernel
from bench.sessions import Finished, NotebookServer
from bench.tandem import Tandem, TandemSession

CELLS = 1_000
NAMES_A_CELL = 10
EDITS = 15
CHAIN = 100
LEAVES = 500
ROUNDS = 7


def an_edit(tandem: Tandem, marimo: Marimo) -> None:
    """A notebook of linked ten-line cells that has been run; one cell comes to read another name."""
    last = asyncio.run(_edits_in_tandem(tandem, CELLS - 1))
    middle = asyncio.run(_edits_in_tandem(tandem, CELLS // 2))
    theirs = asyncio.run(_edits_in_marimo(marimo))
    rows = [
        ("last cell: edit to dependencies elsewhere, ms", [shown(last.told_ms), shown(theirs.told_ms)]),
        ("last cell: acknowledged to dependencies elsewhere, ms", [shown(last.after_reply_ms), "-"]),
        ("last cell: message, kB", [shown(last.kilobytes), shown(theirs.kilobytes)]),
        ("middle cell: edit to dependencies elsewhere, ms", [shown(middle.told_ms), "-"]),
        ("first run of all cells, s", [f"{last.first_run_s:.2f}", f"{theirs.first_run_s:.2f}"]),
    ]
    title = f"{CELLS:,} linked cells of {NAMES_A_CELL} lines, one edited {EDITS} times"
    print_table(title, [tandem.name, marimo.name], rows)
    print("\nmarimo reads an edit when the cell is run: timed from that request to its message of variables.")


def what_depends(tandem: Tandem, marimo: Marimo, kernel: RawKernel) -> None:
    """A chain and a fan-out whose root runs again."""
    chain = ["x0 = 1", *(f"x{number} = x{number - 1} + 1" for number in range(1, CHAIN))]
    chain[-1] += f"\nx{CHAIN - 1}"
    _run_again(f"A chain of {CHAIN} cells", chain, 1, tandem, marimo, kernel)
    leaves = ["x = 1", *(f"x + {number}" for number in range(LEAVES))]
    _run_again(f"{LEAVES} leaves that show a value", leaves, LEAVES, tandem, marimo, kernel)


def _run_again(
    title: str, sources: Sequence[str], showing: int, tandem: Tandem, marimo: Marimo, kernel: RawKernel
) -> None:
    kernel.run_all(sources)
    columns = [
        asyncio.run(_root_again(tandem, sources)),
        asyncio.run(_root_again(marimo, sources)),
        [kernel.run_all(sources) for _ in range(ROUNDS)],
    ]
    for runs in columns:
        if any(run.shown != showing for run in runs):
            raise SystemExit(f"{title}: {showing} cells should have shown something, not {runs}.")
    print_table(
        f"{title}, the root run {ROUNDS} times",
        [tandem.name, marimo.name, "raw kernel, a request a cell"],
        [("finished, ms", [shown([run.ms for run in runs]) for runs in columns])],
    )


async def _root_again(server: NotebookServer, sources: Sequence[str]) -> list[Finished]:
    async with server.opened(server.make(sources)) as session:
        await session.run(range(len(sources)))
        return [await session.run([0]) for _ in range(ROUNDS)]


class _Edits:
    def __init__(self, first_run_s: float) -> None:
        self.first_run_s = first_run_s
        self.told_ms: list[float] = []
        self.after_reply_ms: list[float] = []
        self.kilobytes: list[float] = []


async def _edits_in_tandem(tandem: Tandem, cell: int) -> _Edits:
    notebook = tandem.make([_ten_lines(number) for number in range(CELLS)])
    async with tandem.opened(notebook) as author, tandem.seen(notebook) as reader:
        edits = _Edits((await author.run(range(CELLS))).ms / 1000)
        for version in range(EDITS):
            name = _name(cell - 1, version % 2)
            began = perf_counter()
            size, replied = await asyncio.gather(
                reader.hear_of_read(cell, name), _push(author, cell, version)
            )
            edits.told_ms.append((perf_counter() - began) * 1000)
            edits.after_reply_ms.append((perf_counter() - replied) * 1000)
            edits.kilobytes.append(size / 1000)
    return edits


async def _push(author: TandemSession, cell: int, version: int) -> float:
    """Have the cell read the other name; when it was acknowledged."""
    before, after = _ten_lines(cell, (version + 1) % 2), _ten_lines(cell, version % 2)
    position = next(at for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new)
    changes = [position, [1, after[position]], len(before) - position - 1]
    place = {"cell_id": author.cells[cell]["id"], "client_id": author.client_id, "version": version}
    await author.call("cell_push", **place, updates=[changes])
    return perf_counter()


async def _edits_in_marimo(marimo: Marimo) -> _Edits:
    cell = CELLS - 1
    async with marimo.opened(marimo.make([_ten_lines(number) for number in range(CELLS)])) as session:
        edits = _Edits((await session.run(range(CELLS))).ms / 1000)
        for version in range(EDITS):
            told_ms, size = await session.edit(
                cell, _ten_lines(cell, version % 2), _name(cell - 1, version % 2)
            )
            edits.told_ms.append(told_ms)
            edits.kilobytes.append(size / 1000)
    return edits


def _ten_lines(cell: int, read: int = 1) -> str:
    """A cell that binds ten names; the first from the one numbered `read` of the cell before."""
    first = f"{_name(cell, 0)} = {_name(cell - 1, read)} + 1" if cell else f"{_name(0, 0)} = 1"
    rest = [
        f"{_name(cell, number)} = {_name(cell, number - 1)} + {number}" for number in range(1, NAMES_A_CELL)
    ]
    return "\n".join([first, *rest])


def _name(cell: int, number: int) -> str:
    return f"v{cell}_{number}"
