"""Plans on a real kernel: what a run takes along, what a failure blocks, what edits and deletions do meanwhile."""

from typing import Any
from uuid import UUID

from apps.accounts.actors import Actor, ActorKind
from apps.execution.commands import request_run, restart_kernel
from apps.execution.dependencies import dependencies
from apps.execution.models import Run
from apps.notebooks.commands import configure_notebook, delete_cell
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WorkerProcess, wait_until
from tests.support.replay import verified_replay
from tests.support.running import run_and_wait, stream_text, wait_for_run, wait_for_status


def ran(run: Run) -> list[Cell]:
    """The cells of a run in its order."""
    return [cell_run.cell for cell_run in run.cell_runs.order_by("id")]


def delete(person: Person, cell: Cell) -> None:
    delete_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id)


def stale(notebook: Notebook) -> dict[str, str]:
    """`{cell: reason}`"""
    told = dependencies(notebook.id).cells.items()
    return {cell_id: said["stale"]["reason"] for cell_id, said in told if said["stale"]}


def run_by(notebook: Notebook) -> dict[UUID, dict[str, Any] | None]:
    return dict(Cell.objects.filter(notebook=notebook).values_list("id", "run_by"))


def by(actor: Actor, *, is_reactive: bool = False) -> dict[str, Any]:
    return {**actor.as_json(), "is_reactive": is_reactive}


def test_auto_runs_what_depends_on_a_cell(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    root = add_cell(owner, notebook, "x = 1")
    add_cell(owner, notebook, "print('apart')")
    leaf = add_cell(owner, notebook, "print(x + 1)")
    run_and_wait(owner, notebook)
    write(owner, root, "x = 10")
    assert ran(run_and_wait(owner, notebook, "cell", root)) == [root, leaf]
    assert stream_text(leaf) == "11\n"
    assert stale(notebook) == {}


def test_a_cell_names_who_ran_it_last(
    worker: WorkerProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    root = add_cell(owner, notebook, "x = 1")
    leaf = add_cell(owner, notebook, "x / 0")
    after = add_cell(owner, notebook, "y = 1")
    with verified_replay(owner, notebook):
        run_and_wait(owner, notebook)
    assert run_by(notebook) == {cell.id: by(owner.actor) for cell in (root, leaf, after)}
    token = Actor(ActorKind.TOKEN, "ada (nightly)", editor.actor.user_id)
    with verified_replay(owner, notebook):
        wait_for_run(request_run(actor=token, notebook_id=notebook.id, scope="cell", cell_id=root.id))
    assert run_by(notebook) == {
        root.id: by(token),
        leaf.id: by(token, is_reactive=True),
        after.id: by(owner.actor),
    }


def test_who_asked_for_a_cell_that_did_not_run_is_not_named(
    worker: WorkerProcess, owner: Person, editor: Person, notebook: Notebook
) -> None:
    root = add_cell(owner, notebook, "x = 1")
    leaf = add_cell(owner, notebook, "print(x)")
    run_and_wait(owner, notebook)
    write(owner, root, "x = 1 / 0")
    with verified_replay(owner, notebook):
        run_and_wait(editor, notebook)
    wait_for_status(leaf, CellStatus.BLOCKED)
    assert run_by(notebook) == {root.id: by(editor.actor), leaf.id: by(owner.actor)}


def test_lazy_leaves_it_stale(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    root = add_cell(owner, notebook, "x = 1")
    leaf = add_cell(owner, notebook, "print(x + 1)")
    run_and_wait(owner, notebook)
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode="lazy")
    write(owner, root, "x = 10")
    assert stale(notebook) == {str(root.id): "source_changed", str(leaf.id): "producer_stale"}
    assert ran(run_and_wait(owner, notebook, "cell", root)) == [root]
    assert stale(notebook) == {str(leaf.id): "input_changed"}
    assert stream_text(leaf) == "2\n"
    assert ran(run_and_wait(owner, notebook, "stale")) == [leaf]
    assert stream_text(leaf) == "11\n"


def test_what_a_cell_needs_runs_before_it(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    root = add_cell(owner, notebook, "x = 1")
    leaf = add_cell(owner, notebook, "print(x)")
    assert ran(run_and_wait(owner, notebook, "cell", leaf)) == [root, leaf]
    assert stream_text(leaf) == "1\n"


def test_a_name_that_is_bound_again_is_in_each_cell_what_it_was_in_order(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    configure_notebook(actor=owner.actor, notebook_id=notebook.id, mode="lazy")
    first = add_cell(owner, notebook, "x = 1")
    early = add_cell(owner, notebook, "print(x)")
    again = add_cell(owner, notebook, "x = 2")
    late = add_cell(owner, notebook, "print(x)")
    assert ran(run_and_wait(owner, notebook)) == [first, early, again, late]
    # The first x is nowhere any more, so its cell runs; the second is put back.
    write(owner, early, "print('early', x)")
    assert ran(run_and_wait(owner, notebook, "cell", early)) == [first, early]
    assert stream_text(early) == "early 1\n"
    write(owner, late, "print('late', x)")
    assert ran(run_and_wait(owner, notebook, "cell", late)) == [late]
    assert stream_text(late) == "late 2\n"
    assert stale(notebook) == {}


def test_a_failure_blocks_what_needs_it_and_nothing_else(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    failing = add_cell(owner, notebook, "x = 1 / 0")
    behind = add_cell(owner, notebook, "y = x")
    far_behind = add_cell(owner, notebook, "print(y)")
    apart = add_cell(owner, notebook, "print('apart')")
    assert run_and_wait(owner, notebook).status == "error"
    for cell in (behind, far_behind):
        assert wait_for_status(cell, CellStatus.BLOCKED).blocked_by_id == failing.id
    assert stream_text(apart) == "apart\n"
    # Nothing has changed, so asking for it again says the same.
    again = run_and_wait(owner, notebook, "cell", far_behind)
    assert [(cell_run.cell, cell_run.status) for cell_run in again.cell_runs.all()] == [
        (far_behind, "blocked")
    ]
    write(owner, failing, "x = 7")
    run_and_wait(owner, notebook, "cell", failing)
    assert stream_text(far_behind) == "7\n"
    assert wait_for_status(behind, CellStatus.OK).blocked_by_id is None


def test_a_cell_that_is_meant_to_fail_blocks_nothing(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    failing = add_cell(owner, notebook, "x = 1\nx / 0")
    failing.metadata = {"tags": ["raises-exception"]}
    failing.save()
    behind = add_cell(owner, notebook, "print(x)")
    run_and_wait(owner, notebook)
    assert wait_for_status(failing, CellStatus.ERROR)
    assert stream_text(behind) == "1\n"


def test_an_edit_while_the_plan_runs_leaves_the_cell_stale(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    slow = add_cell(owner, notebook, "import time\ntime.sleep(0.5)\nx = 1")
    leaf = add_cell(owner, notebook, "print(x)")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_status(slow, CellStatus.RUNNING)
    write(owner, leaf, "print('edited', x)")
    wait_for_run(run)
    assert stream_text(leaf) == "1\n"
    assert stale(notebook) == {str(leaf.id): "source_changed"}


def test_the_variables_of_a_deleted_cell_go(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    first = add_cell(owner, notebook, "shared, own = 1, 2")
    add_cell(owner, notebook, "shared = 3")
    look = add_cell(owner, notebook, "print(sorted({'shared', 'own'} & set(globals())))")
    run_and_wait(owner, notebook)
    assert stream_text(look) == "['own', 'shared']\n"
    delete(owner, first)

    def own_is_gone() -> bool:
        run_and_wait(owner, notebook, "cell", look)
        return stream_text(look) == "['shared']\n"

    assert own_is_gone()


def test_a_deletion_is_in_order_with_the_runs(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    slow = add_cell(owner, notebook, "import time\ntime.sleep(0.5)")
    doomed = add_cell(owner, notebook, "own = 1")
    look = add_cell(owner, notebook, "print('own' in globals())")
    run = request_run(actor=owner.actor, notebook_id=notebook.id, scope="all")
    wait_for_status(slow, CellStatus.RUNNING)
    delete(owner, doomed)
    again = request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=look.id)
    assert wait_for_run(run).cell_runs.get(cell=doomed).status == "cancelled"
    wait_for_run(again)
    assert stream_text(look) == "False\n"


def test_after_a_restart_all_is_stale_and_a_run_brings_what_it_needs(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    root = add_cell(owner, notebook, "x = 1")
    leaf = add_cell(owner, notebook, "print(x)")
    apart = add_cell(owner, notebook, "y = 1")
    run_and_wait(owner, notebook)
    restart_kernel(actor=owner.actor, notebook_id=notebook.id)
    everything = {str(cell.id): "never_ran" for cell in (root, leaf, apart)}
    wait_until(lambda: stale(notebook) == everything, "all is stale")
    assert ran(run_and_wait(owner, notebook, "cell", leaf)) == [root, leaf]
    assert stale(notebook) == {str(apart.id): "never_ran"}


def test_runs_of_stale_cells_end_also_if_there_are_none(
    worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x = 1")
    run_and_wait(owner, notebook, "stale")
    nothing = run_and_wait(owner, notebook, "stale")
    assert (nothing.status, ran(nothing)) == ("ok", [])
