"""`bin/bench [scenario …]`: prints tables in Markdown. Nothing is asserted: compare the columns of one run."""

import sys
from collections.abc import Callable
from functools import partial

from bench import data
from bench.assistant import SETTINGS, a_long_notebook, between_steps
from bench.client import new_notebook, opened, rest
from bench.crowd import a_crowd
from bench.editing import a_long_past, typing_together
from bench.first_output import first_output
from bench.jupyter import running_jupyter
from bench.marimo import running_marimo
from bench.measure import CellTimes, print_table, shown
from bench.neighbours import neighbours
from bench.page import long_page
from bench.painted_tables import painted_tables
from bench.raw_kernel import RawKernel, raw_kernel
from bench.reactive import an_edit, what_depends
from bench.sandbox import beside_a_spin, in_and_out_of_the_sandbox
from bench.server import Server, running_server
from bench.tables import tables
from bench.tandem import Tandem
from tests.support.messages_api import MessagesApi

Run = Callable[[str], CellTimes]

CLOCK = "import time\nfor _ in range(300):\n    print(time.time(){flush})\n    time.sleep(0.01)"


def warm(server: Server, kernel: RawKernel) -> None:
    """print(1) on a warm kernel: request to first output, and to finished. In turn, twenty at a time."""
    rounds, times_a_round = 5, 20
    ours, raw = [], []
    with opened(server, new_notebook(server, "print(1)")) as (notebook, *_):
        notebook.run()
        for _ in range(rounds):
            ours += [notebook.run() for _ in range(times_a_round)]
            raw += [kernel.run("print(1)") for _ in range(times_a_round)]
    columns = [ours, raw]
    print_table(
        f"print(1) on a warm kernel, {rounds * times_a_round} times",
        ["Tandem", "raw kernel"],
        [
            ("first output, ms", [shown([times.first_output_ms or 0 for times in side]) for side in columns]),
            ("finished, ms", [shown([times.finished_ms for times in side]) for side in columns]),
        ],
    )


def flood(server: Server, kernel: RawKernel) -> None:
    """A cell that prints very many lines."""
    for lines, rounds in ((200_000, 5), (1_000_000, 3)):
        source = f"for i in range({lines}): print(i)"
        whole = "".join(f"{i}\n" for i in range(lines))
        ours, raw = [], []
        with opened(server, new_notebook(server, source)) as (notebook, *_):
            before_mb = server.memory_mb("celery")
            for _ in range(rounds):
                ours.append(notebook.run())
                raw.append(kernel.run(source))
            grown_mb = server.memory_mb("celery") - before_mb
        columns = [ours, raw]
        print_table(
            f"{lines:,} printed lines ({len(whole) / 1e6:.1f} MB), {rounds} times",
            ["Tandem", "raw kernel"],
            [
                ("finished, ms", [shown([times.finished_ms for times in side]) for side in columns]),
                (
                    "text arrived, %",
                    [shown([100 * len(t.text) / len(whole) for t in side]) for side in columns],
                ),
                ("intact", [str(all(times.text == whole for times in side)) for side in columns]),
                ("messages", [shown([float(len(times.texts)) for times in side]) for side in columns]),
                ("worker memory grown, MB", [f"{grown_mb:.1f}", "-"]),
            ],
        )


def lines(server: Server, kernel: RawKernel) -> None:
    """A line every 10 ms: how long each takes to arrive."""
    rows = []
    for name, flush in (("flushed", ", flush=True"), ("not flushed", "")):
        source = CLOCK.format(flush=flush)
        with opened(server, new_notebook(server, source)) as (notebook, *_):
            ours = notebook.run().line_latencies_ms()
        raw = kernel.run(source).line_latencies_ms()
        rows.append((f"{name}, ms", [shown(ours), shown(raw)]))
    print_table("A line every 10 ms, 300 lines", ["Tandem", "raw kernel"], rows)


def opening(server: Server, kernel: RawKernel) -> None:
    """A stored notebook of 1,000 cells with 1 kB of output each, opened on the socket; and a kernel's start."""
    notebook_id = str(rest(server, "POST", "notebooks/import/", _thousand_cells())["id"])
    samples = []
    for _ in range(10):
        with opened(server, notebook_id) as (_, opened_ms, size):
            samples.append(opened_ms)
    print_table(
        "Open 1,000 cells with 1 kB of output each, 10 times",
        ["Tandem"],
        [
            ("first, ms", [f"{samples[0]:.1f}"]),
            ("again, ms", [shown(samples[1:])]),
            ("MB", [f"{size / 1e6:.2f}"]),
        ],
    )
    first_output()


def editing(server: Server, kernel: RawKernel) -> None:
    """People typing together, and a cell with a long past."""
    typing_together(server)
    a_long_past(server)


def reactive(server: Server, kernel: RawKernel) -> None:
    """Linked cells, and many notebooks at once, beside marimo and Jupyter Server."""
    tandem = Tandem(server)
    with running_marimo() as marimo:
        an_edit(tandem, marimo)
        what_depends(tandem, marimo, kernel)
        with running_jupyter() as jupyter:
            neighbours([tandem, marimo, jupyter])


def sandbox(server: Server, kernel: RawKernel) -> None:
    """Short cells and completions, with the sandbox and without; a neighbour that takes all cores."""
    in_and_out_of_the_sandbox()
    beside_a_spin(server)


def dataframes(server: Server, kernel: RawKernel) -> None:
    """A dataframe of millions of rows in the grid."""
    tables(server)


def painted(server: Server, kernel: RawKernel) -> None:
    """The same in Chromium, to what is painted."""
    painted_tables(server)


def page(server: Server, kernel: RawKernel) -> None:
    """A long notebook in Chromium, beside JupyterLab."""
    long_page(server, 1000)


def longest_page(server: Server, kernel: RawKernel) -> None:
    """As `page`, with twice as many cells."""
    long_page(server, 2000)


def assistant(api: MessagesApi, server: Server, kernel: RawKernel) -> None:
    """The assistant's loop, against the tests' Messages API."""
    between_steps(server, api)
    a_long_notebook(server, api)
    a_crowd(**SETTINGS)


SCENARIOS = {
    "warm": warm,
    "flood": flood,
    "lines": lines,
    "opening": opening,
    "editing": editing,
    "reactive": reactive,
    "sandbox": sandbox,
    "tables": dataframes,
    "painted_tables": painted,
    "data": data.data,
    "page": page,
    "longest_page": longest_page,
}


def main(names: list[str]) -> None:
    with MessagesApi() as api:
        scenarios = SCENARIOS | {"assistant": partial(assistant, api)}
        if unknown := set(names) - scenarios.keys():
            raise SystemExit(f"There is no scenario {', '.join(unknown)}; there are {', '.join(scenarios)}.")
        with running_server(**api.environment, **SETTINGS, **data.SETTINGS) as server, raw_kernel() as kernel:
            for name in names or scenarios:
                scenarios[name](server, kernel)


def _thousand_cells() -> dict[str, object]:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 1023 + "\n"}
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "execution_count": number,
            "source": f"print('x' * 1023)  # {number}",
            "outputs": [output],
        }
        for number in range(1000)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


if __name__ == "__main__":
    main(sys.argv[1:])
