"""The panel of the kernel: what it takes, and its buttons."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess

OpenTab = Callable[[Person], Tab]


def test_kernel_panel(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "x = 1")
    add_cell(owner, notebook, "count = 0\nwhile True: count += 1")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    panel = tab.page.get_by_role("complementary", name="Kernel")
    tab.page.locator("[data-command=kernel]").click()
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    tab.expect_status(0, "ok")
    expect(panel.locator("[data-part=status]")).to_have_text("Idle")
    expect(panel.locator("[data-meter=memory]")).to_contain_text("MiB of 2 GiB")
    expect(panel.locator("[data-part=facts] div", has_text="Execution count").locator("dd")).to_have_text("1")
    expect(panel.get_by_role("button", name="Interrupt")).to_be_disabled()

    # It follows a kernel that computes, and a button ends that.
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    expect(panel.locator("[data-part=status]")).to_have_text("Busy")
    expect(panel.locator("[data-meter=cpu]")).to_contain_text("of a core")
    expect(panel.locator("[data-meter=cpu] [role=meter]")).not_to_have_attribute("aria-valuenow", "0")
    panel.get_by_role("button", name="Interrupt").click()
    tab.expect_status(1, "error")

    panel.get_by_text("Packages").click()
    panel.get_by_label("Filter packages").fill("ipykern")
    expect(panel.locator("[data-part=packages] li")).to_have_count(1)
    panel.get_by_label("Filter packages").fill("no such package")
    expect(panel).to_contain_text("There is no package of that name.")

    panel.get_by_role("button", name="Shut down").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Shut down").click()
    expect(panel.locator("[data-part=status]")).to_have_text("Not started")
    expect(panel.get_by_role("button", name="Shut down")).to_be_disabled()
    expect(panel.locator("[data-meter=memory]")).to_contain_text("– of 2 GiB")

    # There is room for one drawer, and Escape closes it.
    tab.page.get_by_role("button", name="Variables").click()
    expect(panel).to_be_hidden()
    tab.page.locator("[data-command=kernel]").click()
    expect(panel).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()

    watching = open_tab(viewer)
    watching.open(f"/notebooks/{notebook.id}/")
    watching.page.locator("[data-command=kernel]").click()
    seen = watching.page.get_by_role("complementary", name="Kernel")
    expect(seen).to_contain_text("Python")
    expect(seen.get_by_role("button", name="Interrupt")).to_have_count(0)
