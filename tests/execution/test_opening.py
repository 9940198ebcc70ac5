"""Kernels that are there before they are asked for: an editor opens a notebook, and may have so many."""

from apps.accounts.actors import Actor
from apps.execution.commands import prepare_kernel, shutdown_kernel
from apps.execution.models import Lane
from apps.kernels.models import Kernel, KernelStatus
from apps.kernels.processes import workspace_of
from apps.notebooks.commands import create_notebook
from apps.notebooks.models import Cell, CellStatus, Notebook
from tests.support.cast import Person, add_cell, new_person
from tests.support.processes import Database, WebProcess, WorkerProcess, in_place_of, wait_until
from tests.support.running import outputs_of, run_and_wait, stream_text, wait_for_status
from tests.support.socket import NotebookSocket


def status_of(notebook: Notebook) -> str:
    kernel = Kernel.objects.filter(pk=notebook.id).first()
    return kernel.status if kernel else KernelStatus.OFF


def wait_for_kernel(notebook: Notebook) -> None:
    wait_until(lambda: status_of(notebook) == KernelStatus.IDLE, "the kernel is ready")


def prepare(actor: Actor, notebook: Notebook) -> None:
    prepare_kernel(actor=actor, notebook_id=notebook.id)


def test_an_editor_finds_a_kernel(
    worker: WorkerProcess, editor: Person, notebook: Notebook, cell: Cell
) -> None:
    prepare(editor.actor, notebook)
    wait_for_kernel(notebook)
    before = Kernel.objects.get(pk=notebook.id).provisioner_info
    run_and_wait(editor, notebook)
    assert Kernel.objects.get(pk=notebook.id).provisioner_info == before


def test_a_viewer_and_a_stranger_start_none(
    worker: WorkerProcess, owner: Person, viewer: Person, stranger: Person, notebook: Notebook, cell: Cell
) -> None:
    prepare(viewer.actor, notebook)
    prepare(stranger.actor, notebook)
    texts = create_notebook(actor=owner.actor, title="Texts")
    add_cell(owner, texts, "# Title", kind="markdown")
    prepare(owner.actor, texts)
    other = create_notebook(actor=owner.actor, title="Empty so far")
    prepare(owner.actor, other)
    wait_for_kernel(other)  # what was asked before it would have been heard by now
    assert not Lane.objects.filter(pk__in=[notebook.id, texts.id]).exists()


def test_a_kernel_that_was_ended_on_purpose_stays_so(
    worker: WorkerProcess, owner: Person, notebook: Notebook, cell: Cell
) -> None:
    prepare(owner.actor, notebook)
    wait_for_kernel(notebook)
    shutdown_kernel(actor=owner.actor, notebook_id=notebook.id)
    wait_until(lambda: status_of(notebook) == KernelStatus.OFF, "the kernel is off")
    run_and_wait(owner, notebook)
    assert status_of(notebook) == KernelStatus.IDLE


def test_opening_by_socket(
    server: WebProcess, worker: WorkerProcess, editor: Person, notebook: Notebook
) -> None:
    with NotebookSocket(server, notebook.id, editor) as socket:
        socket.result("open")
        wait_for_kernel(notebook)


def test_files_stay_when_a_kernel_starts(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    (workspace_of(notebook.id) / "data.txt").write_text("42")
    cell = add_cell(owner, notebook, "print(open('data.txt').read())")
    prepare(owner.actor, notebook)
    run_and_wait(owner, notebook)
    assert stream_text(cell) == "42\n"


def test_so_many_kernels_and_no_more(database: Database, worker: WorkerProcess) -> None:
    person = new_person("collector")
    notebooks = [create_notebook(actor=person.actor, title=str(number)) for number in range(3)]
    cells = [add_cell(person, notebook, "print(1)") for notebook in notebooks]
    few = WorkerProcess(database.data_dir, database.url, NOTEBOOK_KERNELS_PER_USER="2")
    with in_place_of(worker, few):
        for notebook in notebooks[:2]:
            run_and_wait(person, notebook)
        prepare(person.actor, notebooks[2])  # in silence
        run_and_wait(person, notebooks[2])
        wait_for_status(cells[2], CellStatus.ERROR)
        (error,) = outputs_of(cells[2])
        assert error["ename"] == "KernelNotStarted"
        assert "2 other notebooks" in error["evalue"]
        shutdown_kernel(actor=person.actor, notebook_id=notebooks[0].id)
        wait_until(lambda: status_of(notebooks[0]) == KernelStatus.OFF, "there is room")
        run_and_wait(person, notebooks[2])
        assert stream_text(cells[2]) == "1\n"
