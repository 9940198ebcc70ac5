"""The panel with the files of the notebook's folder."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess

OpenTab = Callable[[Person], Tab]

CSV = "city,people\nParis,2100000\n<b>Rome</b>,2800000\n"

DROP = """([element, files]) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([text], name));
    for (const type of ["dragover", "drop"]) {
        element.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""


def drop(page: Page, selector: str, *files: tuple[str, str]) -> None:
    page.evaluate(DROP, [page.locator(selector).element_handle(), [list(file) for file in files]])


@pytest.fixture
def folder(notebook: Notebook) -> Path:
    return workspace_of(notebook.id)


def panel_of(tab: Tab) -> Locator:
    return tab.page.get_by_role("complementary", name="Files")


def row(tab: Tab, name: str) -> Locator:
    return panel_of(tab).locator(".file").filter(has=tab.page.locator(f'[data-part=name]:text-is("{name}")'))


def test_from_a_file_to_a_dataframe(
    open_tab: OpenTab, worker: WorkerProcess, owner: Person, viewer: Person, notebook: Notebook, folder: Path
) -> None:
    add_cell(owner, notebook, "first = 1")
    add_cell(owner, notebook, "open('written.txt', 'w').write('by a cell')")
    tab, watching = open_tab(owner), open_tab(viewer)
    for each in (tab, watching):
        each.open(f"/notebooks/{notebook.id}/")
    watching.page.get_by_role("button", name="Files").click()
    expect(panel_of(watching)).to_contain_text("The folder is empty.")
    expect(panel_of(watching).get_by_role("button", name="New folder")).to_have_count(0)

    # A drop anywhere on the page opens the panel.
    tab.cell(0).locator(".cm-content").click()
    drop(tab.page, "main", ("big cities.csv", CSV))
    expect(row(tab, "big cities.csv")).to_contain_text("46 B")
    assert (folder / "big cities.csv").read_text() == CSV
    expect(row(watching, "big cities.csv")).to_be_visible()

    # Its rows are shown as text, and it is read into a cell below the one that was in use.
    row(tab, "big cities.csv").get_by_role("button", name="big cities.csv").first.click()
    table = row(tab, "big cities.csv").locator("[data-part=table]")
    expect(table.locator("th")).to_have_text(["city", "people"])
    expect(table.locator("td")).to_have_text(["Paris", "2100000", "<b>Rome</b>", "2800000"])
    row(tab, "big cities.csv").get_by_role("button", name="Read into a cell").click()
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    expect(tab.cell(1)).to_contain_text('big_cities = pd.read_csv("big cities.csv")')
    tab.cell(1).get_by_role("button", name="Run this cell").click()
    tab.expect_status(1, "ok")
    expect(tab.outputs(1)).to_contain_text("Paris")

    # What a cell writes appears by itself, for viewers too.
    tab.cell(2).get_by_role("button", name="Run this cell").click()
    for each in (tab, watching):
        expect(row(each, "written.txt")).to_contain_text("9 B")
    row(watching, "written.txt").get_by_role("button", name="written.txt").first.click()
    expect(row(watching, "written.txt").locator("[data-part=text]")).to_have_text("by a cell")
    expect(row(watching, "written.txt").get_by_role("button", name="Delete")).to_have_count(0)
    with watching.page.expect_download() as download:
        row(watching, "written.txt").get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_text() == "by a cell"


def test_folders_names_and_uploads(
    open_tab: OpenTab, owner: Person, notebook: Notebook, folder: Path
) -> None:
    Image.new("RGB", (30, 20), "teal").save(folder / "picture.png")
    (folder / '<img src=x onerror="document.title=1">').write_text("x")
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Files").click()
    panel = panel_of(tab)
    expect(panel.locator("[data-part=name]")).to_have_count(2)
    expect(panel.locator(".file img[src='x']")).to_have_count(0)

    row(tab, "picture.png").get_by_role("button", name="picture.png").first.click()
    image = row(tab, "picture.png").locator("img")
    expect(image).to_have_js_property("naturalWidth", 30)

    # A folder, with the keyboard alone; a file goes into it through the chooser.
    panel.get_by_role("button", name="New folder").focus()
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.type("data")
    tab.page.keyboard.press("Enter")
    expect(row(tab, "data")).to_be_visible()
    row(tab, "data").get_by_role("button", name="data", exact=True).press("Enter")
    expect(panel).to_contain_text("The folder is empty.")
    panel.locator("input[type=file]").set_input_files(
        {"name": "a.json", "mimeType": "application/json", "buffer": b"[1]"}
    )
    expect(row(tab, "a.json")).to_be_visible()

    # Nothing is replaced unasked.
    drop(tab.page, "tandem-files", ("a.json", "[1, 2]"))
    expect(panel.locator(".upload")).to_contain_text("There is something called a.json already")
    assert (folder / "data" / "a.json").read_text() == "[1]"
    panel.get_by_role("button", name="Replace it").click()
    expect(panel.locator(".upload")).to_have_count(0)
    expect(row(tab, "a.json")).to_contain_text("6 B")
    assert (folder / "data" / "a.json").read_text() == "[1, 2]"

    row(tab, "a.json").get_by_role("button", name="Actions for a.json").click()
    row(tab, "a.json").get_by_role("button", name="Rename").first.click()
    tab.page.keyboard.type("b")
    tab.page.keyboard.press("Enter")
    expect(row(tab, "b.json")).to_be_visible()
    assert [each.name for each in (folder / "data").iterdir()] == ["b.json"]

    row(tab, "b.json").get_by_role("button", name="Actions for b.json").click()
    row(tab, "b.json").get_by_role("button", name="Delete…").click()
    expect(tab.page.get_by_role("dialog")).to_contain_text("Delete b.json?")
    tab.page.keyboard.press("Escape")
    expect(row(tab, "b.json")).to_be_visible()
    row(tab, "b.json").get_by_role("button", name="Delete…").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel).to_contain_text("The folder is empty.")
    panel.get_by_role("button", name="Files", exact=True).click()
    expect(row(tab, "data")).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_an_upload_can_be_cancelled(
    open_tab: OpenTab, owner: Person, notebook: Notebook, folder: Path
) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Files").click()
    panel = panel_of(tab)
    # Held up on its way, so that there is time to cancel it.
    tab.page.route(re.compile("files/content/"), lambda route: None)
    drop(tab.page, "tandem-files", ("slow.csv", CSV))
    expect(panel.locator(".upload")).to_contain_text("%")
    panel.locator(".upload").get_by_role("button", name="Cancel").click()
    expect(panel.locator(".upload")).to_have_count(0)
    tab.page.unroute_all(behavior="ignoreErrors")
    drop(tab.page, "tandem-files", ("next.csv", CSV))
    expect(row(tab, "next.csv")).to_be_visible()
    assert [each.name for each in folder.iterdir()] == ["next.csv"]


def test_on_a_narrow_page(open_tab: OpenTab, owner: Person, notebook: Notebook, folder: Path) -> None:
    (folder / ("a rather long name of a file " * 4 + ".csv")).write_text(CSV)
    tab = open_tab(owner)
    tab.page.set_viewport_size({"width": 390, "height": 780})
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.locator("[data-command=files]").dispatch_event("click")
    name = panel_of(tab).locator(".file-open")
    name.click()
    expect(panel_of(tab).locator("th")).to_have_text(["city", "people"])
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    panel_of(tab).get_by_role("button", name="Read into a cell").click()
    expect(panel_of(tab)).to_be_hidden()
    expect(tab.cell(0)).to_contain_text("read_csv")
