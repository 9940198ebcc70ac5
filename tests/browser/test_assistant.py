"""The assistant's panel: what people ask, see, decide and stop."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Cell, Notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    START,
    Gate,
    body,
    calls,
    ends,
    message,
    says,
    text_block,
    thinking_block,
    tool_block,
)
from tests.support.processes import Database, WebProcess, WorkerProcess, wait_until
from tests.support.running import cells_of

OpenTab = Callable[[Person], Tab]
Json = dict[str, Any]

PROPOSED_CELL = {"kind": "python", "source": "c = 3", "after": "end"}


@pytest.fixture(scope="module")
def api() -> Iterator[MessagesApi]:
    with MessagesApi() as api:
        yield api


@pytest.fixture(scope="module")
def server(database: Database, api: MessagesApi) -> Iterator[WebProcess]:
    """The site and a worker of the assistant, both with a key."""
    environment: Json = api.environment
    web = WebProcess(database.data_dir, database.url, **environment)
    assistant = WorkerProcess(database.data_dir, database.url, queue="assistant", **environment)
    web.start()
    assistant.start()
    yield web
    assistant.stop()
    web.close()


@pytest.fixture(autouse=True)
def nothing_refused(api: MessagesApi) -> Iterator[None]:
    yield
    assert api.faults == []


def open_panel(tab: Tab, notebook: Notebook) -> Locator:
    tab.open(f"/notebooks/{notebook.id}/")
    tab.page.keyboard.press("Control+Alt+i")
    panel = tab.page.get_by_role("complementary", name="Assistant")
    expect(panel.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    return panel


def ask(panel: Locator, text: str) -> None:
    panel.get_by_label("Message to the assistant").fill(text)
    panel.get_by_label("Message to the assistant").press("Enter")


def new_cell_id(request: Json) -> str:
    """The cell that the last tool of the conversation has created."""
    ids: list[str] = re.findall(r"Created cell (\w+)", str(request["messages"]))
    return ids[-1]


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


def test_what_needs_approval_waits_for_it(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "precious = 1")
    first, second = (calls(("delete_cell", {"cell_id": str(cell.id)[:8], "version": 0})) for _ in range(2))
    api.script(first, says("It stays."), second, says("It is gone."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Clean up")
    card = panel.get_by_role("group", name="Delete cell 1?")
    expect(card.locator(".cm-content")).to_contain_text("precious = 1")
    expect(tab.page.get_by_role("button", name="Assistant", exact=True)).to_have_attribute(
        "data-state", "waiting"
    )
    tab.page.reload()
    card.get_by_label("Why not").fill("I need it")
    card.get_by_role("button", name="Reject").click()
    expect(panel.locator(".turn").last).to_contain_text("It stays.")
    expect(panel.locator(".step-headline")).to_have_text("Deleting cell 1: rejected")
    expect(tab.page.locator("tandem-cell")).to_have_count(1)

    ask(panel, "Do it all the same")
    card.get_by_role("button", name="Approve").click()
    expect(tab.page.locator("tandem-cell")).to_have_count(0)
    expect(panel.locator(".turn").last).to_contain_text("It is gone.")


def test_a_question_is_answered(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script(
        calls(("ask_user", {"question": "Which colour?", "options": ["Red", "Blue"]})), says("Blue it is.")
    )
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    ask(panel, "Paint it")
    panel.get_by_role("group", name="Which colour?").get_by_role("button", name="Blue").click()
    expect(panel.locator(".turn")).to_contain_text("Blue it is.")
    expect(panel.get_by_role("group", name="Which colour?")).to_have_count(0)


def test_from_a_cell(
    open_tab: OpenTab, api: MessagesApi, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "1 / 0")
    api.script(says("Do not divide by zero."), says("I would."))
    tab = open_tab(owner)
    tab.open(f"/notebooks/{notebook.id}/")
    tab.cell(0).get_by_role("button", name="Run this cell").click()
    tab.cell(0).get_by_role("button", name="Fix with AI").click()
    panel = tab.page.get_by_role("complementary", name="Assistant")
    expect(panel.locator(".turn-message")).to_have_text(
        "@cell 1 fails. Find out why, mend it and run it again."
    )
    expect(panel).to_contain_text("Do not divide by zero.")
    assert "1 / 0" in str(api.requests[-1]["messages"])

    tab.cell(0).locator(".cm-content").click()
    tab.page.keyboard.press("Control+i")
    tab.cell(0).get_by_label("What should change in this cell?").fill("divide by two")
    tab.page.keyboard.press("Enter")
    expect(panel.locator(".turn-message").last).to_have_text("In @cell 1: divide by two")
    expect(panel).to_contain_text("I would.")


def test_a_message_mentions_attaches_and_is_edited(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "sales = 1")
    add_cell(owner, notebook, "costs = 2")
    api.script(says("First."), says("Second."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    box = panel.get_by_label("Message to the assistant")
    box.press_sequentially("What is @cos")
    expect(panel.locator(".offer")).to_have_text([re.compile("^costs"), re.compile("^cell 2")])
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("What is @cell 2 ")
    panel.get_by_label("Attach images or files").set_input_files(
        FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"hello")
    )
    box.press("Enter")
    expect(panel).to_contain_text("First.")
    expect(panel.locator(".turn .chip-attached")).to_contain_text("notes.txt")
    sent = str(api.requests[-1]["messages"])
    assert "costs = 2" in sent
    assert "notes.txt" in sent

    panel.locator(".turn").hover()
    panel.get_by_role("button", name="Edit and send again").click()
    expect(box).to_have_value("What is @cell 2")
    box.fill("What is @cell 1?")
    box.press("Enter")
    expect(panel).to_contain_text("Second.")
    expect(panel.locator(".turn").first).to_contain_text("replaced")
    sent = str(api.requests[-1]["messages"])
    assert "sales = 1" in sent
    assert "costs = 2" not in sent


def test_a_message_mentions_a_file_in_a_folder(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    quarter = workspace_of(notebook.id) / "data" / "2026"
    quarter.mkdir(parents=True)
    for name in ("sales.csv", "costs.csv"):
        (quarter / name).touch()
    api.script(says("First."), says("Second."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    box, offers = panel.get_by_label("Message to the assistant"), panel.locator(".offer [data-part=name]")
    box.press_sequentially("Read @da")
    expect(offers).to_have_text(["data/"])
    box.press("Enter")
    expect(offers).to_have_text(["data/", "data/2026/"])
    box.press_sequentially("2")
    box.press("Tab")
    box.press_sequentially("s")
    expect(offers).to_have_text(["data/2026/sales.csv"])
    box.press("Enter")
    expect(box).to_have_value("Read @data/2026/sales.csv ")
    box.press_sequentially("and @data/")
    box.press("Enter")
    expect(box).to_have_value("Read @data/2026/sales.csv and @data/ ")
    box.press("Enter")
    expect(panel).to_contain_text("First.")
    sent = str(api.requests[-1]["messages"])
    assert "means the file 'data/2026/sales.csv'" in sent
    assert "means the file 'data'" in sent

    # What was meant is still meant when it is said again.
    panel.locator(".turn").hover()
    panel.get_by_role("button", name="Edit and send again").click()
    box.press("Enter")
    expect(panel).to_contain_text("Second.")
    assert "means the file 'data/2026/sales.csv'" in str(api.requests[-1]["messages"])


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


def test_proposals_are_accepted_or_rejected(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    first, second = add_cell(owner, notebook, "a = 1"), add_cell(owner, notebook, "b = 2")

    def edit(cell: Cell, source: str) -> tuple[str, Json]:
        return "update_cell", {"cell_id": str(cell.id)[:8], "version": 0, "source": source}

    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    panel.get_by_label("What the assistant may do").select_option("propose")
    api.script(
        calls(edit(first, "a = 10"), edit(second, "b = 20"), ("create_cell", PROPOSED_CELL)),
        says("See there."),
    )
    ask(panel, "Ten times as much")
    proposals = tab.page.get_by_role("group", name="The assistant proposes to change this cell")
    expect(proposals).to_have_count(2)
    expect(tab.cell(0).locator(".proposal .cm-content").last).to_contain_text("a = 10")
    new_cell = tab.page.get_by_role("group", name="The assistant proposes a new Python cell")
    expect(new_cell.locator(".cm-content")).to_contain_text("c = 3")
    assert tab.text_of(0).startswith("a = 1")

    tab.cell(1).get_by_role("button", name="Reject").click()
    tab.cell(0).get_by_role("button", name="Accept").click()
    expect(proposals).to_have_count(0)
    new_cell.get_by_role("button", name="Accept").click()
    expect(new_cell).to_have_count(0)
    expect(tab.page.locator("tandem-cell")).to_have_count(3)
    assert [each.source for each in cells_of(notebook)] == ["a = 10", "b = 2", "c = 3"]


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


def test_suggestions_while_one_types(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "")
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    before = len(api.requests)
    text = tab.cell(0).locator(".cm-content")

    # Nothing is asked before somebody wants it.
    wanted = panel.get_by_label("Suggest while I type in cells")
    expect(wanted).not_to_be_checked()
    wanted.check()
    tab.page.keyboard.press("Escape")
    api.script(says("ange(3):\n    print(i)"))
    text.click()
    tab.page.keyboard.type("for i in r")
    suggested = tab.cell(0).locator(".suggested-text")
    expect(suggested).to_have_text("ange(3):\n    print(i)", use_inner_text=True)
    # Who types what was suggested sees the rest of it; Tab takes that, and the others get it like typed text.
    tab.page.keyboard.type("an")
    expect(suggested).to_have_text("ge(3):\n    print(i)", use_inner_text=True)
    tab.page.keyboard.press("Tab")
    expect(suggested).to_have_count(0)
    expect(text).to_have_text("for i in range(3):    print(i)")
    wait_until(
        lambda: Cell.objects.get(pk=cell.pk).source == "for i in range(3):\n    print(i)", "it is stored"
    )

    # Escape leaves it, and stays in the text.
    api.script(says("# more"))
    tab.page.keyboard.press("Enter")
    expect(suggested).to_have_text("# more")
    tab.page.keyboard.press("Escape")
    expect(suggested).to_have_count(0)
    tab.page.keyboard.type("pass")
    expect(text).to_contain_text("pass")
    first, _ = api.requests[before:]
    assert "for i in r<cursor/>" in str(first["messages"])
