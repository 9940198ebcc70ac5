"""A cell that ignores an interrupt: the page offers a restart."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess

STUBBORN = """import time
print('started', flush=True)
while True:
    try: time.sleep(0.01)
    except KeyboardInterrupt: print('no', flush=True)"""


def test_a_restart_is_offered(
    open_tab: Callable[[Person], Tab], worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, STUBBORN)
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    # The kernel is there although nothing has run.
    expect(tab.page.locator("tandem-kernel")).to_have_attribute("data-status", "idle", timeout=30_000)
    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+Enter")
    expect(tab.cell(0)).to_contain_text("started")
    offer = tab.page.locator("tandem-kernel-notice")
    expect(offer.get_by_role("button", name="Restart the kernel")).to_be_hidden()
    tab.page.get_by_role("button", name="Interrupt").click()
    expect(offer).to_contain_text("goes on although it was interrupted", timeout=5000)
    offer.get_by_role("button", name="Restart the kernel").click()
    expect(tab.cell(0)).to_contain_text("KernelRestarted")
    expect(offer.get_by_role("button", name="Restart the kernel")).to_be_hidden()
