"""Turns, as those who ask and those who watch see them: what is written, run, stopped, and kept."""

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.assistant.panel import (
    OpenTab,
    ask,
    expect_ended,
    join_conversation,
    new_cell_id,
    open_panel,
    rewrites,
    runs,
)
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    START,
    Gate,
    Status,
    body,
    calls,
    ends,
    message,
    says,
    text_block,
    thinking_block,
    tool_block,
)
from tests.support.processes import WorkerProcess

LONG = "import time\nfor _ in range(6000):\n    time.sleep(0.1)"


def test_a_turn_that_writes_and_runs_a_cell(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    api.script(
        message(
            [
                thinking_block("A cell with the answer."),
                text_block("I add **one** cell."),
                tool_block("create_cell", {"kind": "python", "source": "print(6 * 7)", "after": "end"}),
            ],
            "tool_use",
        ),
        lambda request: calls(("run_cell", {"cell_id": new_cell_id(request)})),
        says("It is 42. ![x](https://evil.test/a.png)\n\n", "```python\nprint(", "'more')\n```\n"),
    )
    tab = open_tab(owner)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    panel = open_panel(tab, notebook)
    ask(panel, "Compute the answer")

    expect(tab.outputs(0)).to_have_text("42\n")
    turn = panel.locator(".turn")
    expect(turn.locator(".turn-message")).to_have_text("Compute the answer")
    expect(turn.locator(".step-headline")).to_have_text(["Wrote cell 1", "Ran cell 1"])
    expect(turn.locator(".chat-text").first).to_have_text("I add one cell.")
    expect(turn.locator(".chat-text strong")).to_have_text("one")
    expect(turn.locator(".turn-foot")).to_contain_text("3 steps")
    expect(tab.cell(0)).not_to_have_attribute("data-assistant", "working")

    # A step opens to what it did.
    turn.locator(".step-headline").first.click()
    expect(turn.locator(".step").first.locator(".cm-content")).to_contain_text("print(6 * 7)")

    # An image is not fetched, and code can be taken over.
    expect(turn.get_by_role("link", name="x")).to_have_attribute("rel", "noopener noreferrer nofollow")
    turn.get_by_role("button", name="Insert as cell").click()
    expect(tab.page.locator("tandem-cell")).to_have_count(2)
    assert tab.text_of(1) == "print('more')"
    assert not [url for url in asked if "evil.test" in url]

    turn.get_by_role("button", name="What was sent").click()
    expect(panel.locator(".call")).to_have_count(3)
    panel.locator(".call summary").first.click()
    expect(panel.locator(".call pre").first).to_contain_text("Compute the answer")
    panel.get_by_role("button", name="Back").click()
    expect(turn).to_be_visible()


def test_a_turn_that_plots(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    """People see the plot; the model is told that there is one."""
    plot = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 4, 9]);"
    api.script(
        calls(("create_cell", {"kind": "python", "source": plot, "after": "end"})),
        lambda request: calls(("run_cell", {"cell_id": new_cell_id(request)})),
        says("There it is."),
    )
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Plot the squares")
    expect(panel.locator(".turn").locator(".step-headline")).to_have_text(["Wrote cell 1", "Ran cell 1"])
    expect(tab.outputs(0).locator("img")).to_have_js_property("complete", True)
    assert tab.outputs(0).locator("img").evaluate("image => image.naturalWidth") > 100
    expect(panel.locator(".turn")).to_contain_text("There it is.")
    (result,) = api.requests[-1]["messages"][-1]["content"]
    assert "image/png" in result["content"][0]["text"]
    assert [block["type"] for block in result["content"]] == ["text"]


def test_a_reload_in_the_middle(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    gate = Gate()
    begin, *rest = body([text_block("The beginning,", " the middle", " and the end.")])
    api.script([START, begin, rest[0], gate, *rest[1:], *ends("end_turn")])
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Tell me")
    expect(panel.locator(".chat-text")).to_have_text("The beginning,")
    panel.get_by_label("Message to the assistant").fill("A draft")
    tab.page.reload()
    expect(panel.locator(".chat-text")).to_have_text("The beginning,")
    expect(panel.get_by_label("Message to the assistant")).to_have_value("A draft")
    gate.open()
    expect(panel.locator(".chat-text")).to_have_text("The beginning, the middle and the end.")
    expect(panel.locator(".turn")).to_have_attribute("data-status", "done")


def test_stop_and_retry(open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    begin, *rest = body([text_block("Once upon", " a time")])
    api.script([START, begin, rest[0], Gate(), *rest[1:], *ends("end_turn")], says("Shorter: no."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "A story")
    expect(panel.locator(".chat-text")).to_have_text("Once upon")
    panel.get_by_role("button", name="Stop", exact=True).click()
    expect(panel.locator(".turn")).to_have_attribute("data-status", "cancelled", timeout=3000)
    expect(panel).to_contain_text("Stopped. What was done stays done.")
    panel.get_by_role("button", name="Retry").click()
    expect(panel.locator(".turn")).to_have_attribute("data-status", "done")
    expect(panel.locator(".turn")).to_contain_text("Shorter: no.")


def test_conversations(open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook) -> None:
    api.script(says("About apples."), says("About pears."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Apples?")
    expect(panel).to_contain_text("About apples.")
    panel.get_by_label("Title of the conversation").fill("Fruit")
    panel.get_by_label("Title of the conversation").press("Enter")
    panel.get_by_role("button", name="New conversation").click()
    expect(panel).to_contain_text("What do you want to do?")
    ask(panel, "Pears?")
    expect(panel).to_contain_text("About pears.")
    panel.get_by_role("button", name="Conversations").click()
    titles = panel.locator(".conversation-title")
    expect(titles).to_have_text(["Pears?", "Fruit"])
    panel.get_by_label("Search in conversations").fill("apples")
    expect(titles).to_have_text(["Fruit"])
    titles.click()
    expect(panel.locator(".turn-message")).to_have_text("Apples?")
    tab.page.keyboard.press("Control+Alt+i")
    expect(panel).to_be_hidden()


def test_two_watch_and_one_reloads_in_the_middle(
    open_tab: OpenTab, api: MessagesApi, owner: Person, editor: Person, notebook: Notebook
) -> None:
    """Both see all of it, live: the words before the reload, the tools and the words after it."""
    gate, last_gate = Gate(), Gate()
    cell = add_cell(owner, notebook, "a = 1")
    begin, *rest = body([text_block("I look", " at it.")])
    name, value = rewrites(cell, "a = 2")
    change = body([[], tool_block(name, value)])
    end, *after = body([text_block("Look:", " two.")])
    api.script(
        [START, begin, rest[0], gate, *rest[1:], *change, *ends("tool_use")],
        [START, end, after[0], last_gate, *after[1:], *ends("end_turn")],
    )
    tab, other = open_tab(owner), open_tab(editor)
    panel = open_panel(tab, notebook)
    ask(panel, "Make it two")
    expect(panel.locator(".chat-text")).to_have_text("I look")
    watched = join_conversation(other, notebook, "Make it two")
    expect(watched.locator(".chat-text")).to_have_text("I look")

    tab.page.reload()
    expect(panel.locator(".chat-text")).to_have_text("I look")
    gate.open()
    for each in (panel, watched):
        expect(each.locator(".chat-text")).to_have_text(["I look at it.", "Look:"])
        expect(each.locator(".step-headline")).to_have_text("Rewrote cell 1")
    other.page.reload()
    expect(watched.locator(".chat-text")).to_have_text(["I look at it.", "Look:"])
    last_gate.open()
    for each in (panel, watched):
        expect(each.locator(".chat-text")).to_have_text(["I look at it.", "Look: two."])
        expect_ended(each.locator(".turn"))
    assert [tab.text_of(0), other.text_of(0)] == ["a = 2", "a = 2"]


def test_stop_with_the_cell_that_runs(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, LONG)
    api.script(calls(runs(cell)))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    stop_all = panel.get_by_role("button", name="Stop the cell too")
    expect(stop_all).to_be_hidden()
    ask(panel, "Run it")
    tab.expect_status(0, "running")
    stop_all.click()
    expect_ended(panel.locator(".turn"), "cancelled")
    tab.expect_status(0, "error")
    expect(tab.outputs(0)).to_contain_text("KeyboardInterrupt")
    expect(stop_all).to_be_hidden()
    expect(panel.get_by_role("button", name="Stop", exact=True)).to_be_hidden()


def test_stop_leaves_the_cell_running(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, LONG)
    api.script(calls(runs(cell)))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Run it")
    tab.expect_status(0, "running")
    panel.get_by_role("button", name="Stop", exact=True).click()
    expect_ended(panel.locator(".turn"), "cancelled")
    tab.expect_status(0, "running")
    tab.page.get_by_role("button", name="Interrupt").first.click()
    tab.expect_status(0, "error")


def test_a_persons_cell_is_not_offered_to_be_stopped(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, LONG)
    gate = Gate()
    begin, first, *rest = body([text_block("I look", " at it.")])
    api.script([START, begin, first, gate, *rest, *ends("end_turn")])
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    tab.expect_status(0, "running")
    ask(panel, "What is it?")
    expect(panel.locator(".chat-text")).to_have_text("I look")
    expect(panel.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(panel.get_by_role("button", name="Stop the cell too")).to_be_hidden()
    gate.open()
    expect_ended(panel.locator(".turn"))
    tab.page.get_by_role("button", name="Interrupt").first.click()
    tab.expect_status(0, "error")


def test_what_failed_says_why_and_goes_on(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script([Status(401, "authentication_error", "invalid x-api-key")], says("Here I am."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Are you there?")
    turn = panel.locator(".turn")
    expect_ended(turn, "failed")
    expect(turn.get_by_role("alert")).to_contain_text("ANTHROPIC_API_KEY")
    turn.get_by_role("button", name="Retry").click()
    expect(turn).to_contain_text("Here I am.")
    expect_ended(turn)
    expect(turn.get_by_role("button", name="Retry")).to_be_hidden()
