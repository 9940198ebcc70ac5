"""The page of the machinery in Django admin."""

from apps.execution.system_report import system_report
from apps.notebooks.commands import rename_notebook
from apps.notebooks.models import Notebook
from tests.support.administration import browser_of, new_administrator
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess, wait_until
from tests.support.running import run_and_wait

PATH = "/admin/kernels/kernel/"


def test_what_runs_and_what_failed(worker: WorkerProcess, owner: Person, notebook: Notebook) -> None:
    lost_before = system_report().lanes_lost  # of tests that had cells wait for nobody
    rename_notebook(actor=owner.actor, notebook_id=notebook.id, title="The unlucky one")
    add_cell(owner, notebook, "import os\nos._exit(7)")
    run_and_wait(owner, notebook)
    browser = browser_of(new_administrator())

    def page() -> str:
        return browser.get(PATH).content.decode()

    # A worker on a busy machine may not answer in the time that a page has.
    wait_until(lambda: "celery@" in page(), "the page names the worker")
    text = page()
    for expected in (
        "bubblewrap",
        "held by workers",
        "in execution",
        "exit code 7",
        "The unlucky one",
    ):
        assert expected in text, expected
    assert "connection_info" not in text
    report = system_report()
    assert report.failures[0].notebook_id == notebook.id
    assert report.kernels["dead"] >= 1
    assert report.lanes_lost <= lost_before
    assert report.messages is not None


def test_not_for_people(owner: Person) -> None:
    assert browser_of(owner).get(PATH).status_code in (302, 403)


def test_there_is_nothing_to_change(owner: Person, notebook: Notebook) -> None:
    client = browser_of(new_administrator())
    assert client.get(f"{PATH}add/").status_code == 403
    assert client.get(f"{PATH}{notebook.id}/change/").status_code in (302, 403, 404)
