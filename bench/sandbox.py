"""What the sandbox costs a cell that is short, how soon a completion is there, and what a neighbour feels of a spin."""

from threading import Thread

from bench.client import Notebook, new_notebook, opened
from bench.measure import print_table, shown
from bench.server import Server, running_server

ROUNDS = 10
TIMES_A_ROUND = 20
# Something to complete from: a module with many names, and text that is not run.
SOURCE = "import os\nprint(1)"
COMPLETED = "import os\nos.path.is"
# All cores, several times over, for ten seconds.
SPIN = """import os, time
for _ in range(4 * os.cpu_count()):
    if os.fork() == 0:
        ends = time.monotonic() + 10
        while time.monotonic() < ends: pass
        os._exit(0)
for _ in range(4 * os.cpu_count()): os.wait()"""


def in_and_out_of_the_sandbox() -> None:
    """Two servers, one whose kernels have no sandbox. In turn, so that both see the same moments of the machine."""
    prints: list[list[float]] = [[], []]
    completions: list[list[float]] = [[], []]
    with (
        running_server(NOTEBOOK_SANDBOX="bwrap") as inside,
        running_server(NOTEBOOK_SANDBOX="off") as outside,
        opened(inside, new_notebook(inside, SOURCE)) as (ours, *_),
        opened(outside, new_notebook(outside, SOURCE)) as (bare, *_),
    ):
        notebooks = [ours, bare]
        for notebook in notebooks:
            notebook.run()
        for _ in range(ROUNDS):
            for notebook, print_ms, complete_ms in zip(notebooks, prints, completions, strict=True):
                print_ms += [notebook.run().finished_ms for _ in range(TIMES_A_ROUND)]
                complete_ms += [_complete(notebook) for _ in range(TIMES_A_ROUND)]
    print_table(
        f"With and without the sandbox, {ROUNDS * TIMES_A_ROUND} times each",
        ["sandbox", "none"],
        [
            ("print(1) finished, ms", [shown(each) for each in prints]),
            ("completion by the kernel, ms", [shown(each) for each in completions]),
        ],
    )


def beside_a_spin(server: Server) -> None:
    """Somebody's print(1), alone and while another notebook takes all cores that it can get."""
    with (
        opened(server, new_notebook(server, SOURCE)) as (neighbour, *_),
        opened(server, new_notebook(server, SPIN)) as (spinner, *_),
    ):
        neighbour.run()
        server.wait_until_calm()
        alone = [neighbour.run().finished_ms for _ in range(ROUNDS * TIMES_A_ROUND)]
        spin = Thread(target=spinner.run)
        spin.start()
        beside = []
        while spin.is_alive():
            beside.append(neighbour.run().finished_ms)
        spin.join()
    print_table(
        f"print(1) beside a notebook that takes all cores, {len(beside)} times",
        ["alone", "beside"],
        [("print(1) finished, ms", [shown(alone), shown(beside)])],
    )


def _complete(notebook: Notebook) -> float:
    result, took_ms = notebook.call(
        "code_complete", cell_id=notebook.cells[0]["id"], source=COMPLETED, position=len(COMPLETED)
    )
    if result["origin"] != "kernel" or not result["matches"]:
        raise SystemExit(f"The kernel completed nothing: {result}")
    return took_ms
