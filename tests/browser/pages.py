"""A notebook that shows most of what a page can show, for those who look at whole pages."""

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell

TRACEBACK = "def half(n):\n    return n / 0\n\nhalf(4)"
PROGRESS = 'for step in range(3):\n    print(f"\\x1b[32mstep {step}\\x1b[0m is done")'
STEPS = "names = ['Ada', 'Grace', 'Edsger']\n{'names': names, 'count': len(names)}"
FORM = """from IPython.display import HTML
HTML("<p>This <b>HTML</b> is in a frame of its own.</p>")"""


def take_the_tour(tab: Tab) -> None:
    """From the empty list, by the button."""
    tab.page.goto("/")
    tab.page.get_by_role("button", name="Take the tour").click()
    tab.page.wait_for_url("**/notebooks/*-*/")
    tab.wait_until_connected()


def run_the_tour(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Run all", exact=True).click()
    for index in (1, 2, 3, 4, 5):
        tab.expect_status(index, "ok")
    tab.expect_status(6, "error")


def add_outputs(person: Person, notebook: Notebook) -> None:
    add_cell(
        person,
        notebook,
        "# Outputs\n\nwith *every* kind of $x^2$ and a [link](https://example.org).",
        kind="markdown",
    )
    for source in (PROGRESS, STEPS, FORM, TRACEBACK):
        add_cell(person, notebook, source)
