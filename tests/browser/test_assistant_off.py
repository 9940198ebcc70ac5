"""Without a key for the model: the panel says what to set, and all else works."""

from collections.abc import Callable

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person


def test_no_key(open_tab: Callable[[Person], Tab], owner: Person, notebook: Notebook) -> None:
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.get_by_role("button", name="Assistant", exact=True).click()
    panel = tab.page.get_by_role("complementary", name="Assistant")
    expect(panel).to_contain_text("ANTHROPIC_API_KEY")
    expect(panel.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    panel.get_by_label("Message to the assistant").fill("Hello")
    panel.get_by_label("Message to the assistant").press("Enter")
    expect(panel.locator(".turn")).to_have_count(0)
    expect(panel.get_by_label("Message to the assistant")).to_have_value("Hello")
