"""What people do with the assistant's panel, and what the model does with cells."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person

OpenTab = Callable[[Person], Tab]
Json = dict[str, Any]
Call = tuple[str, Json]

PROPOSED_CELL = {"kind": "python", "source": "c = 3", "after": "end"}


def open_panel(tab: Tab, notebook: Notebook) -> Locator:
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.keyboard.press("Control+Alt+i")
    panel = panel_of(tab)
    expect(panel.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    return panel


def panel_of(tab: Tab) -> Locator:
    return tab.page.get_by_role("complementary", name="Assistant")


def ask(panel: Locator, text: str) -> None:
    panel.get_by_label("Message to the assistant").fill(text)
    panel.get_by_label("Message to the assistant").press("Enter")


def join_conversation(tab: Tab, notebook: Notebook, title: str) -> Locator:
    """The panel of somebody else, with that conversation in view."""
    panel = open_panel(tab, notebook)
    panel.get_by_role("button", name="Conversations").click()
    panel.locator(".conversation-open", has_text=title).click()
    expect(panel.locator(".turn")).not_to_have_count(0)
    return panel


def expect_ended(turn: Locator, status: str = "done") -> None:
    expect(turn).to_have_attribute("data-status", status)


def text_of(request: Json) -> str:
    """All that the messages of a request say in words."""
    contents = [each["content"] for each in request["messages"]]
    return "\n".join(block["text"] for blocks in contents for block in blocks if block["type"] == "text")


def new_cell_id(request: Json) -> str:
    """The cell that the last tool of the conversation has created."""
    ids: list[str] = re.findall(r"Created cell (\w+)", str(request["messages"]))
    return ids[-1]


def short_id(cell: Cell) -> str:
    return str(cell.id)[:8]


def rewrites(cell: Cell, source: str) -> Call:
    """The call that gives the cell that text; nobody may have changed it yet."""
    return "update_cell", {"cell_id": short_id(cell), "version": 0, "source": source}


def runs(cell: Cell) -> Call:
    return "run_cell", {"cell_id": short_id(cell)}
