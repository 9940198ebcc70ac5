"""Writing a message: what it mentions, what is attached, and which model gets it in which mode."""

import base64
import re

from playwright.sync_api import FilePayload, Locator, expect

from apps.kernels.processes import workspace_of
from apps.notebooks.models import Notebook
from tests.browser.assistant.panel import (
    OpenTab,
    ask,
    open_panel,
    text_of,
)
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    START,
    Gate,
    body,
    ends,
    says,
    text_block,
    thinking_block,
)


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


# A picture of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
GIVE = """([element, kind, files]) => {
    const data = new DataTransfer();
    for (const [name, type, base64] of files) {
        const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
    }
    const init = { bubbles: true, cancelable: true };
    if (kind === "paste") element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...init }));
    else for (const type of ["dragover", "drop"]) {
        element.dispatchEvent(new DragEvent(type, { dataTransfer: data, ...init }));
    }
}"""


def give(element: Locator, kind: str, *files: tuple[str, str, bytes]) -> None:
    """Files as the browser hands them over: `kind` is paste or drop, a file is its name, its type and what is in it."""
    encoded = [[name, media_type, base64.b64encode(content).decode()] for name, media_type, content in files]
    element.page.evaluate(GIVE, [element.element_handle(), kind, encoded])


def test_images_go_to_the_model_and_files_into_the_workspace(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    api.script(says("A red dot, and a table."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    box, chips = panel.get_by_label("Message to the assistant"), panel.locator(".composer .chip-attached")
    give(box, "paste", ("image.png", "image/png", base64.b64decode(PIXEL)))
    expect(chips).to_have_count(1)
    expect(chips.locator("img")).to_have_js_property("naturalWidth", 1)
    give(
        panel.locator("[data-part=thread]"),
        "drop",
        ("sales.csv", "text/csv", b"a,b\n1,2\n"),
        ("no.txt", "", b"no"),
    )
    expect(chips.locator("[data-part=name]")).to_have_text(["image.png", "sales.csv", "no.txt"])
    chips.get_by_role("button", name="Remove no.txt").click()
    expect(chips).to_have_count(2)
    ask(panel, "What is in these?")
    expect(panel).to_contain_text("A red dot, and a table.")
    expect(panel.locator(".turn .chip-attached [data-part=name]")).to_have_text(["Image", "sales.csv"])
    expect(chips).to_have_count(0)

    blocks = api.requests[-1]["messages"][0]["content"]
    (image,) = [block for block in blocks if block["type"] == "image"]
    assert image["source"] == {"type": "base64", "media_type": "image/png", "data": PIXEL}
    assert "sales.csv" in str([block for block in blocks if block["type"] == "text"])
    folder = workspace_of(notebook.id)
    assert (folder / "sales.csv").read_bytes() == b"a,b\n1,2\n"
    assert not (folder / "no.txt").exists()


def test_a_message_mentions_a_variable(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    add_cell(owner, notebook, "revenue = 7")
    api.script(says("Seven."))
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    box, offers = panel.get_by_label("Message to the assistant"), panel.locator(".offer")
    expect(tab.cell(0).locator(".cm-content")).to_be_visible()
    box.press_sequentially("How large is @rev")
    expect(offers).to_have_text(["revenuevariable of cell 1", "cell 1revenue = 7"])
    box.press("Tab")
    expect(box).to_have_value("How large is @revenue ")
    # The mouse chooses too, and Escape leaves what is typed as it is.
    box.press_sequentially("in @cell")
    offers.get_by_text("cell 1", exact=True).click()
    box.press_sequentially("for ada@example.org and @rev")
    expect(offers).to_have_count(2)
    box.press("Escape")
    expect(offers).to_have_count(0)
    box.press("Enter")
    expect(panel.locator(".turn-message")).to_have_text(
        "How large is @revenue in @cell 1 for ada@example.org and @rev"
    )
    expect(panel).to_contain_text("Seven.")
    sent = text_of(api.requests[-1])
    assert "means the variable 'revenue'" in sent
    assert "revenue = 7" in sent


def test_the_model_and_the_mode_that_were_chosen(
    open_tab: OpenTab, api: MessagesApi, owner: Person, notebook: Notebook
) -> None:
    """The next message goes to that model with the tools of that mode; what it thinks and what it costs is shown."""
    gate = Gate()
    thinking = body([thinking_block("They want *numbers*.")])
    api.script(
        [START, *thinking[:2], gate, *thinking[2:], *body([[], text_block("Here.")]), *ends("end_turn")],
        says("Again."),
    )
    # Another model's transcript, and other tools, are another prefix.
    api.rules.allows_changed_prefix = True
    tab = open_tab(owner)
    panel = open_panel(tab, notebook)
    model, mode = panel.get_by_label("Model", exact=True), panel.get_by_label("What the assistant may do")
    offered = model.locator("option").all_inner_texts()
    assert len(offered) > 1
    model.select_option(offered[1])
    mode.select_option("ask")
    ask(panel, "How many?")
    thought = panel.locator(".chat-thinking")
    expect(thought.locator("summary")).to_have_text("Thinking…")
    gate.open()
    expect(panel.locator(".turn")).to_contain_text("Here.")
    expect(thought.locator("summary")).to_have_text("Thought")
    expect(thought.locator(".prose")).to_be_hidden()
    thought.locator("summary").click()
    expect(thought.locator(".prose em")).to_have_text("numbers")
    foot = panel.locator(".turn-foot [data-part=usage]")
    expect(foot).to_have_text(
        re.compile(r"^1 step · .+ tokens read · 20 tokens written · (under )?\$0\.\d\d$")
    )
    expect(panel.locator(".assistant-today")).to_have_text(
        re.compile(r"^You used today: .+ tokens, .*\$0\.\d\d$")
    )

    tab.page.reload()
    expect(model).to_have_value(offered[1])
    expect(mode).to_have_value("ask")
    model.select_option(offered[0])
    mode.select_option("agent")
    ask(panel, "And now?")
    expect(panel).to_contain_text("Again.")
    first, second = api.requests
    assert [first["model"], second["model"]] == offered[1::-1]
    tools = [{tool["name"] for tool in request["tools"]} for request in (first, second)]
    assert "update_cell" not in tools[0]
    assert "read_cell" in tools[0]
    assert {"update_cell", "run_cell"} <= tools[1]
