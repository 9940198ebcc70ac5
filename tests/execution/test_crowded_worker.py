"""More notebooks with kernels than a worker has threads."""

from apps.notebooks.commands import create_notebook
from tests.support.cast import Person, add_cell
from tests.support.processes import Database, WorkerProcess, in_place_of
from tests.support.running import outputs_of, run_and_wait


def test_lanes_with_nothing_to_do_give_way(database: Database, worker: WorkerProcess, owner: Person) -> None:
    patient = WorkerProcess(database.data_dir, database.url, threads=3, NOTEBOOK_LANE_LINGER_S="300")
    with in_place_of(worker, patient):
        for number in range(6):
            notebook = create_notebook(actor=owner.actor, title=f"Notebook {number}")
            cell = add_cell(owner, notebook, f"{number} + 1")
            run_and_wait(owner, notebook)
            [result] = outputs_of(cell)
            assert result["data"]["text/plain"] == str(number + 1)
