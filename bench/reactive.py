"""Linked cells: how soon an edit is understood, and how fast what depends on a cell runs again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from bench.marimo import Marimo
from bench.measure import print_table, shown
from bench.raw_kernel import RawKernel
from bench.sessions import Finished
from bench.tandem import Tandem, TandemSession

CELLS = 1_000
NAMES_A_CELL = 10
EDITS = 15
QUIET_S = 1  # before an edit: of several in a row the later ones are told together
CHAIN = 100
LEAVES = 500
ROUNDS = 7


def an_edit(tandem: Tandem, marimo: Marimo) -> None:
    """A notebook of linked ten-line cells that has been run; one cell comes to read another name."""
    last, middle, theirs = asyncio.run(_edits_in_turn(tandem, marimo))
    print_table(
        f"{CELLS:,} linked cells of {NAMES_A_CELL} lines, one edited {EDITS} times",
        [tandem.name, marimo.name],
        [
            ("last cell: edit to dependencies elsewhere, ms", [shown(last.told_ms), shown(theirs.told_ms)]),
            ("last cell: acknowledged to dependencies elsewhere, ms", [shown(last.after_reply_ms), "-"]),
            ("last cell: message, kB", [shown(last.kilobytes), shown(theirs.kilobytes)]),
            ("middle cell: edit to dependencies elsewhere, ms", [shown(middle.told_ms), "-"]),
            ("middle cell: message, kB", [shown(middle.kilobytes), "-"]),
        ],
    )
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
    columns = asyncio.run(_root_again(sources, tandem, marimo, kernel))
    for runs in columns:
        if any(run.shown != showing for run in runs):
            raise SystemExit(f"{title}: {showing} cells should have shown something, not {runs}.")
    print_table(
        f"{title}, the root run {ROUNDS} times",
        [tandem.name, marimo.name, "raw kernel, a request a cell"],
        [("finished, ms", [shown([run.ms for run in runs]) for runs in columns])],
    )


async def _root_again(
    sources: Sequence[str], tandem: Tandem, marimo: Marimo, kernel: RawKernel
) -> list[list[Finished]]:
    columns: list[list[Finished]] = [[], [], []]
    async with (
        tandem.opened(tandem.make(sources)) as ours,
        marimo.opened(marimo.make(sources)) as theirs,
    ):
        await ours.run(range(len(sources)))
        await theirs.run(range(len(sources)))
        await asyncio.to_thread(kernel.run_all, sources)
        for _ in range(ROUNDS):
            columns[0].append(await ours.run([0]))
            columns[1].append(await theirs.run([0]))
            columns[2].append(await asyncio.to_thread(kernel.run_all, sources))
    return columns


@dataclass
class _Edits:
    told_ms: list[float] = field(default_factory=list)
    after_reply_ms: list[float] = field(default_factory=list)
    kilobytes: list[float] = field(default_factory=list)


async def _edits_in_turn(tandem: Tandem, marimo: Marimo) -> tuple[_Edits, _Edits, _Edits]:
    """Of our last cell, of one in the middle, and of marimo's last."""
    sources = [_ten_lines(number) for number in range(CELLS)]
    last, middle, theirs = _Edits(), _Edits(), _Edits()
    notebook = tandem.make(sources)
    async with (
        tandem.opened(notebook) as author,
        tandem.seen(notebook) as reader,
        marimo.opened(marimo.make(sources)) as their_author,
    ):
        await author.run(range(CELLS))
        await their_author.run(range(CELLS))
        for version in range(EDITS):
            await asyncio.sleep(QUIET_S)
            await _edit(author, reader, CELLS - 1, version, last)
            await asyncio.sleep(QUIET_S)
            await _edit(author, reader, CELLS // 2, version, middle)
            source, name = _ten_lines(CELLS - 1, version % 2), _name(CELLS - 2, version % 2)
            told_ms, size = await their_author.edit(CELLS - 1, source, name)
            theirs.told_ms.append(told_ms)
            theirs.kilobytes.append(size / 1000)
    return last, middle, theirs


async def _edit(author: TandemSession, reader: TandemSession, cell: int, version: int, edits: _Edits) -> None:
    """Push from one socket and hear of it at the other."""
    hearing = asyncio.create_task(reader.hear_of_read(cell, _name(cell - 1, version % 2)))
    began = perf_counter()
    replied = await _push(author, cell, version)
    told, size = await hearing
    edits.told_ms.append((told - began) * 1000)
    edits.after_reply_ms.append((told - replied) * 1000)
    edits.kilobytes.append(size / 1000)


async def _push(author: TandemSession, cell: int, version: int) -> float:
    """Have the cell read the other name of the cell before; when that was acknowledged."""
    before, after = _ten_lines(cell, (version + 1) % 2), _ten_lines(cell, version % 2)
    position = next(at for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new)
    changes = [position, [1, after[position]], len(before) - position - 1]
    place = {"cell_id": author.cells[cell]["id"], "client_id": author.client_id, "version": version}
    await author.call("cell_push", **place, updates=[changes])
    return perf_counter()


def _ten_lines(cell: int, read: int = 1) -> str:
    """A cell that binds ten names; the first from the one numbered `read` of the cell before."""
    first = f"{_name(cell, 0)} = {_name(cell - 1, read)} + 1" if cell else f"{_name(0, 0)} = 1"
    rest = [
        f"{_name(cell, number)} = {_name(cell, number - 1)} + {number}" for number in range(1, NAMES_A_CELL)
    ]
    return "\n".join([first, *rest])


def _name(cell: int, number: int) -> str:
    return f"v{cell}_{number}"
