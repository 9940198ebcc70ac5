"""Running cells in tests: ask over the socket, wait for the end, read what is stored."""

import re
from collections.abc import Callable
from typing import Any

from apps.execution.commands import request_run
from apps.execution.models import Run
from apps.notebooks.models import Cell, CellStatus, Notebook
from apps.notebooks.queries import stored_outputs
from tests.support.cast import Person
from tests.support.processes import wait_until

FINAL = {CellStatus.OK, CellStatus.ERROR, CellStatus.BLOCKED, CellStatus.CANCELLED}


def run_and_wait(
    person: Person,
    notebook: Notebook,
    scope: str = "all",
    cell: Cell | None = None,
    *,
    is_refresh: bool = False,
    deadline_s: float = 60,
) -> Run:
    """Request a run and wait until it has ended; the ended run."""
    run = request_run(
        actor=person.actor,
        notebook_id=notebook.id,
        scope=scope,
        cell_id=cell.id if cell else None,
        is_refresh=is_refresh,
    )
    return wait_for_run(run, deadline_s=deadline_s)


def wait_for_run(run: Run, *, deadline_s: float = 60) -> Run:
    wait_until(lambda: _finished(run), "the run has ended", deadline_s=deadline_s)
    return run


def wait_for_status(cell: Cell, *statuses: CellStatus, deadline_s: float = 60) -> Cell:
    def reached() -> bool:
        cell.refresh_from_db()
        return cell.status in statuses

    wait_until(reached, f"the cell is {' or '.join(statuses)}", deadline_s=deadline_s)
    return cell


def wait_for_output(cell: Cell, matches: Callable[[str], bool], *, deadline_s: float = 60) -> None:
    """Until the stored stream text of the cell matches."""
    wait_until(lambda: matches(stream_text(cell)), "the output is stored", deadline_s=deadline_s)


def outputs_of(cell: Cell) -> list[dict[str, Any]]:
    return stored_outputs(cell)


def stream_text(cell: Cell, name: str = "stdout") -> str:
    return "".join(
        output["text"]
        for output in outputs_of(cell)
        if output["output_type"] == "stream" and output["name"] == name
    )


def error_of(cell: Cell) -> str:
    """The tracebacks of its errors."""
    return "\n".join(
        "\n".join(each["traceback"]) for each in outputs_of(cell) if each["output_type"] == "error"
    )


def place_of_error(cell: Cell) -> tuple[int, int, str]:
    """Line and column, from 1, that the error of an SQL cell names, and what the arrow under the line points at."""
    cell.refresh_from_db()
    found = re.search(
        rf"^Cell In\[{cell.execution_count}\], line (\d+), column (\d+)\n(.*)\n( *)\^$",
        error_of(cell),
        re.MULTILINE,
    )
    assert found, error_of(cell)
    return int(found[1]), int(found[2]), found[3][len(found[4]) :]


def cells_of(notebook: Notebook) -> list[Cell]:
    """The live cells in document order, as they are now."""
    return list(Cell.objects.filter(notebook=notebook, deleted_at=None).order_by("order_key"))


def python_cells_of(notebook: Notebook) -> list[Cell]:
    return [cell for cell in cells_of(notebook) if cell.kind == "python"]


def _finished(run: Run) -> bool:
    run.refresh_from_db()
    return run.finished_at is not None
