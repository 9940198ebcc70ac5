"""Whatever the assistant says: the page asks nobody for anything because of it."""

import re
import socket
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from apps.notebooks.models import Notebook
from tests.browser.assistant.panel import (
    OpenTab,
    ask,
    expect_ended,
    open_panel,
    short_id,
)
from tests.browser.hostile import FOUND, assert_nothing_left
from tests.browser.hostile_payloads import HTML, MARKDOWN
from tests.support.cast import Person, add_cell
from tests.support.messages_api import MessagesApi
from tests.support.messages_api_replies import (
    message,
    says,
    text_block,
    thinking_block,
    tool_block,
)
from tests.support.processes import WebProcess

# In a text URL is somebody else's server, and JS a script.
SAID = [
    "<img src=URL/a.png>",
    "![a picture][there]\n\n[there]: URL/b.png",
    "[![x](URL/c.png)](URL/d)",
    "URL/bare <URL/auto>",
    "![x](//127.0.0.1/URL/e.png)",
    "![x](data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=)",
    "<link rel=prefetch href=URL/f><link rel=dns-prefetch href=URL>",
    "```html\n<img src=URL/g.png>\n```",
    "| ![x](URL/h.png) |\n|---|\n| <video src=URL/v.mp4> |",
]
LOADS = (
    "img, iframe, frame, object, embed, video, audio, source, picture, link, style, script, image, meta, form, "
    # Our icons are in the page.
    "use:not([href^='#'])"
)


def test_nothing_that_the_assistant_says_is_fetched(
    open_tab: OpenTab,
    api: MessagesApi,
    server: WebProcess,
    owner: Person,
    notebook: Notebook,
    arm: Callable[[Any], Any],
    other_site: socket.socket,
) -> None:
    """In its words, thoughts, questions, cells, proposals, titles and in what it read: no request leaves the page."""
    said = "\n\n".join(arm([*SAID, *MARKDOWN, *HTML]))
    cell = add_cell(owner, notebook, "a = 1")
    suggest = {"cell_id": short_id(cell), "version": 0, "source": said, "note": said[:500]}
    api.script(
        message(
            [
                thinking_block(said),
                text_block(said),
                tool_block("suggest_edit", suggest),
                tool_block("ask_user", {"question": said[:400], "options": [arm(SAID[0]), "Go on"]}),
            ],
            "tool_use",
        ),
        says("Enough. ", said),
    )
    tab = open_tab(owner)
    asked: list[str] = []
    tab.page.context.on("request", lambda request: asked.append(request.url))
    panel = open_panel(tab, notebook)
    ask(panel, said)
    panel.get_by_role("group").get_by_role("button", name="Go on").click()
    turn = panel.locator(".turn")
    expect_ended(turn)
    expect(turn.locator(".chat-text").last).to_contain_text("Enough.")
    expect(tab.page.locator(".proposal")).to_have_count(1)
    turn.locator(".chat-thinking summary").click()
    for step in turn.locator(".step > summary").all():
        step.click()
    expect(turn.locator(".step-body pre").first).to_be_visible()
    for prose in (turn.locator(".prose"), tab.page.locator(".proposal"), turn.locator(".step-body")):
        assert prose.locator(LOADS).count() == 0
    # A link says where it leads, and tells nobody where it was followed.
    links = turn.locator(".prose a")
    assert links.count() > 5
    for link in links.all():
        assert re.match(r"(https?|mailto):", link.get_attribute("href") or "")
        assert link.get_attribute("target") == "_blank"
        assert {"noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())
    links.first.hover()
    turn.get_by_role("button", name="What was sent").click()
    expect(panel.locator(".call")).to_have_count(2)
    panel.get_by_role("button", name="Conversations").click()
    expect(panel.locator(".conversation")).to_have_count(1)
    tab.page.reload()
    expect(turn.locator(".chat-text").last).to_contain_text("Enough.")
    assert tab.page.evaluate("window.__pwn") is None
    assert tab.page.evaluate(FOUND) == []
    assert len(tab.page.context.pages) == 1
    assert_nothing_left(asked, server, other_site)
