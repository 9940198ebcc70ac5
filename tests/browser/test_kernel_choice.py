"""Another kernel, chosen in the page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.other_kernels import install_kernels
from tests.support.processes import Database, WebProcess, WorkerProcess, in_place_of

OpenTab = Callable[[Person], Tab]


@pytest.fixture(scope="module")
def jupyter_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jupyter")
    install_kernels(folder)
    return folder


@pytest.fixture(scope="module")
def server(database: Database, jupyter_path: Path) -> Iterator[WebProcess]:
    """A site beside two more kernels."""
    web = WebProcess(database.data_dir, database.url, JUPYTER_PATH=str(jupyter_path))
    web.start()
    yield web
    web.close()


@pytest.fixture(scope="module")
def other_worker(database: Database, worker: WorkerProcess, jupyter_path: Path) -> Iterator[WorkerProcess]:
    other = WorkerProcess(database.data_dir, database.url, JUPYTER_PATH=str(jupyter_path))
    with in_place_of(worker, other):
        yield other


def test_another_kernel(
    open_tab: OpenTab, other_worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "echo $((6 * 7)) # the answer")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    chip = tab.page.locator("tandem-kernel")
    expect(chip.locator(".chip-name")).to_have_text("Python")
    tab.page.locator("[data-command=kernel]").click()
    choice = tab.page.get_by_label("Runs cells with")
    expect(choice.locator("option")).to_have_text(["Python 3", "Bash", "Plain Python"])
    expect(choice).to_have_value("python3")
    choice.select_option("Bash")
    expect(chip.locator(".chip-name")).to_have_text("Bash")

    # Editors read what it speaks: a comment of Bash looks like one.
    expect(tab.cell(0).locator(".cm-content span", has_text="# the answer")).to_be_visible()
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    expect(tab.outputs(0)).to_have_text("42\n")

    # Whoever may only look does not choose.
    other = open_tab(viewer)
    other.open(f"/notebooks/{notebook.id}/")
    expect(other.page.locator("tandem-kernel .chip-name")).to_have_text("Bash")
    other.page.locator("[data-command=kernel]").click()
    expect(other.page.locator("dl[data-part=facts]")).to_contain_text("Bash")
    expect(other.page.get_by_label("Runs cells with")).to_have_count(0)
