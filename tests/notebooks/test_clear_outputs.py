import pytest

from apps.base.errors import Conflict, Forbidden, NotFound
from apps.execution.queries import snapshot
from apps.journal.models import AuditEntry
from apps.notebooks.commands import clear_outputs
from apps.notebooks.models import Cell, CellStatus, Notebook, Output
from tests.support.cast import Person, add_cell
from tests.support.replay import verified_replay


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    """Three; the first two have put out something."""
    cells = [add_cell(owner, notebook, source) for source in ("a", "b", "c")]
    for cell in cells[:2]:
        Output.objects.create(
            cell=cell, position=0, body={"output_type": "stream", "name": "stdout"}, text="hi"
        )
        cell.status, cell.execution_count, cell.output_offset = CellStatus.OK, 1, 1
        cell.save()
    return cells


def shown(owner: Person, notebook: Notebook) -> list[int]:
    """How many outputs each cell has."""
    taken = snapshot(actor=owner.actor, notebook_id=notebook.id)["notebook"]
    return [len(cell["outputs"]) for cell in taken["cells"]]


def test_of_one_cell(owner: Person, editor: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook, events=1):
        clear_outputs(actor=editor.actor, notebook_id=notebook.id, cell_id=cells[0].id)
    assert shown(owner, notebook) == [0, 1, 0]
    cells[0].refresh_from_db()
    assert (cells[0].status, cells[0].execution_count, cells[0].output_offset) == ("ok", 1, 1)
    assert AuditEntry.objects.get(action="clear_outputs", notebook_id=notebook.id).details == {
        "cell_ids": [str(cells[0].id)]
    }


def test_of_all_cells_but_those_that_run(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    Cell.objects.filter(id=cells[1].id).update(status=CellStatus.RUNNING)
    with verified_replay(owner, notebook, events=1):
        clear_outputs(actor=owner.actor, notebook_id=notebook.id)
    assert shown(owner, notebook) == [0, 1, 0]


def test_no_op(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    with verified_replay(owner, notebook, events=0):
        clear_outputs(actor=owner.actor, notebook_id=notebook.id, cell_id=cells[2].id)


def test_refused(
    owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    Cell.objects.filter(id=cells[1].id).update(status=CellStatus.RUNNING)
    place = {"notebook_id": notebook.id, "cell_id": cells[1].id}
    with verified_replay(owner, notebook, events=0):
        with pytest.raises(Conflict, match="is running"):
            clear_outputs(actor=owner.actor, **place)
        with pytest.raises(Forbidden):
            clear_outputs(actor=viewer.actor, **place)
        with pytest.raises(NotFound):
            clear_outputs(actor=stranger.actor, **place)
