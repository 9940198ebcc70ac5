"""What a turn changed, and taking it back."""

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.assistant.panel import (
    PROPOSED_CELL,
    OpenTab,
    ask,
    expect_ended,
    join_conversation,
    open_panel,
    rewrites,
    runs,
)
from tests.support.cast import Person, add_cell, write
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    calls,
    says,
)
from tests.support.processes import WorkerProcess
from tests.support.running import cells_of


def test_a_turn_is_undone_after_somebody_typed(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "first = 1\n\nlast = 1")
    edit = {"cell_id": str(cell.id)[:8], "version": 0, "find": "first = 1", "replace": "first = 100"}
    api.script(calls(("edit_cell", edit), ("create_cell", PROPOSED_CELL)), says("Done."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "More")
    expect(panel.locator(".turn")).to_have_attribute("data-status", "done")
    tab.type_at_end(0, " # mine")
    panel.get_by_role("button", name="What changed").click()
    changes = panel.get_by_role("region", name="What changed")
    expect(changes.locator(".changed-cell h3")).to_have_text(["cell 1 edited", "cell 2 made"])
    expect(changes.locator(".cm-content").last).to_contain_text("c = 3")
    expect(tab.cell(0).get_by_role("button", name="Written by the assistant")).to_be_visible()
    changes.get_by_role("button", name="Undo this turn").click()
    expect(changes).to_contain_text("Undone by")
    expect(tab.page.locator("tandem-cell")).to_have_count(1)
    assert tab.text_of(0) == "first = 1\n\nlast = 1 # mine"
    expect(tab.cell(0).get_by_role("button", name="Written by the assistant")).to_have_count(0)


def test_what_cannot_be_undone_exactly_is_shown(
    open_tab: OpenTab,
    api: MessagesApi,
    worker: WorkerProcess,
    owner: Person,
    editor: Person,
    notebook: Notebook,
) -> None:
    """Which cells were left as they are, why, and both texts of each; what could be undone is."""
    changed, other_cell = add_cell(owner, notebook, "alpha = 1"), add_cell(owner, notebook, "beta = 2")
    api.script(
        calls(
            rewrites(changed, "result = 100"),
            rewrites(other_cell, "beta = 20"),
            ("create_cell", PROPOSED_CELL),
            runs(other_cell),
        ),
        says("Done."),
    )
    tab, other = open_tab(owner), open_tab(editor)
    panel = open_panel(tab, notebook)
    ask(panel, "More")
    turn = panel.locator(".turn")
    expect_ended(turn)
    turn.get_by_role("button", name="What changed").click()
    changes = panel.get_by_role("region", name="What changed")
    expect(changes.locator(".changed-cell h3")).to_have_text(
        ["cell 1 edited", "cell 2 edited", "cell 3 made"]
    )
    expect(changes.get_by_role("list", name="Runs").get_by_role("listitem")).to_have_text(["Ran cell 2"])
    panel.get_by_role("button", name="Back").click()

    other.open(f"/notebooks/{notebook.id}/")
    write(editor, changed, "mine = 7")
    other.type_at_end(2, " # mine")
    expect(tab.cell(2).locator(".cm-content")).to_have_text("c = 3 # mine")
    expect(tab.cell(0).locator(".cm-content")).to_have_text("mine = 7")
    turn.get_by_role("button", name="Undo").click()
    expect(changes).to_contain_text(f"Undone by {owner.user.get_username()}")
    expect(changes).to_contain_text("2 changes were left, see below.")
    left = changes.locator(".changed-cell[data-outcome]")
    expect(left.locator("h3")).to_have_text(
        [
            "cell 1 left as it is, because others have changed the same text since",
            "cell 3 kept, because others have edited it since",
        ]
    )
    for text in ("alpha = 1", "mine = 7"):
        expect(left.first).to_contain_text(text)
    expect(left.first.locator(".comparison-labels span")).to_have_text(
        ["As it was before the turn", "As it is now"]
    )
    expect(left.last).to_contain_text("c = 3 # mine")
    expect(tab.cell(1).locator(".cm-content")).to_have_text("beta = 2")
    assert [each.source for each in cells_of(notebook)] == ["mine = 7", "beta = 2", "c = 3 # mine"]

    # It stays on record, for the others too.
    panel.get_by_role("button", name="Back").click()
    expect(turn.locator("[data-part=undone]")).to_have_text(f"Undone by {owner.user.get_username()}")
    expect(turn.get_by_role("button", name="Undo")).to_be_hidden()
    joined = join_conversation(other, notebook, "More")
    joined.get_by_role("button", name="What changed").click()
    expect(joined.locator(".changed-cell[data-outcome]")).to_have_count(2)


def test_a_run_alone_is_nothing_to_undo(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "1 / 0")
    api.script(calls(runs(cell)), says("It fails."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Run it")
    turn = panel.locator(".turn")
    expect_ended(turn)
    expect(turn.get_by_role("button", name="Undo")).to_be_hidden()
    turn.get_by_role("button", name="What changed").click()
    changes = panel.get_by_role("region", name="What changed")
    expect(changes.get_by_role("list", name="Runs")).to_have_text("Ran cell 1 (error)")
    expect(changes).to_contain_text("Nothing in the notebook was changed by this turn.")
