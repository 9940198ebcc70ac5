"""From opening a notebook to the first output of `print(1)`, with the kernel's start; and what a kernel takes."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from apps.kernels.marks import marked_processes
from bench.client import new_notebook, opened, rest
from bench.jupyter import Jupyter, running_jupyter
from bench.measure import print_table, shown
from bench.raw_kernel import raw_kernel
from bench.server import Server, running_server

ROUNDS = 5
# For the pool to be full again, and for what was ended to be gone.
REST_S = 2.5
SOURCE = "print(1)"


@dataclass
class _Column:
    name: str
    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    """Of the kernel's process until then; that of a pooled one was spent before."""
    rss_mb: list[float] = field(default_factory=list)
    uss_mb: list[float] = field(default_factory=list)

    def add(self, wall_ms: float, processes: Iterable[psutil.Process]) -> None:
        """Of the processes the largest is the kernel; the others are its sandbox."""
        kernel = max(processes, key=lambda process: process.memory_info().rss)
        self.wall_ms.append(wall_ms)
        self.cpu_ms.append(sum(kernel.cpu_times()[:2]) * 1000)
        memory = kernel.memory_full_info()
        self.rss_mb.append(memory.rss / 1e6)
        self.uss_mb.append(memory.uss / 1e6)


def first_output() -> None:
    cold, pooled, before = _Column("cold"), _Column("pooled"), _Column("opened before")
    jupyter, raw = _Column("Jupyter Server"), _Column("raw kernel")
    with (
        running_server(NOTEBOOK_KERNEL_POOL="0") as without,
        running_server() as server,
        running_jupyter() as peer,
    ):
        for _ in range(ROUNDS):
            _ours(without, cold)
            _ours(server, pooled)
            _ours(without, before, is_opened_before=True)
            asyncio.run(_theirs(peer, jupyter))
            _raw(raw)
    columns = [cold, pooled, before, jupyter, raw]
    print_table(
        f"Open a notebook, to the first output of {SOURCE}, {ROUNDS} times",
        [column.name for column in columns],
        [
            ("first output, ms", [shown(column.wall_ms) for column in columns]),
            ("CPU time of the kernel, ms", [shown(column.cpu_ms) for column in columns]),
            ("its memory, MB", [shown(column.rss_mb) for column in columns]),
            ("its own memory, MB", [shown(column.uss_mb) for column in columns]),
        ],
    )


def _ours(server: Server, column: _Column, *, is_opened_before: bool = False) -> None:
    time.sleep(REST_S)
    notebook_id = new_notebook(server, SOURCE)
    with opened(server, notebook_id) as (notebook, opened_ms, _):
        if is_opened_before:
            time.sleep(REST_S)
            opened_ms = 0
        first_ms = notebook.run().first_output_ms or 0
        name = _kernel_name(server, notebook_id)
        marked = [each.process for each in marked_processes(server.data_dir) if each.name == name]
        # A forked kernel has the environment of its template.
        inside = {child for process in marked for child in process.children(recursive=True)}
        column.add(opened_ms + first_ms, {*marked, *inside})
    rest(server, "POST", f"notebooks/{notebook_id}/kernel/shutdown/", {})


def _kernel_name(server: Server, notebook_id: str) -> str:
    with psycopg.connect(server.database_url) as connection:
        query = "SELECT connection_info->>'ip' FROM kernels_kernel WHERE notebook_id = %s"
        row = connection.execute(query, [notebook_id]).fetchone()
    assert row
    return Path(row[0]).parent.name


async def _theirs(server: Jupyter, column: _Column) -> None:
    notebook = server.make([SOURCE])
    began = time.perf_counter()
    async with server.opened(notebook) as session:
        await session.run([0])
        wall_ms = (time.perf_counter() - began) * 1000
        column.add(wall_ms, psutil.Process(server.pid).children(recursive=True))


def _raw(column: _Column) -> None:
    began = time.perf_counter()
    known = {child.pid for child in psutil.Process().children(recursive=True)}
    with raw_kernel(is_drained=False) as kernel:
        kernel.run(SOURCE)
        wall_ms = (time.perf_counter() - began) * 1000
        children = psutil.Process().children(recursive=True)
        column.add(wall_ms, (child for child in children if child.pid not in known))
