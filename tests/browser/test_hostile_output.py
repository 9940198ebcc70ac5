"""Whatever people and libraries write into cells and outputs: none of it runs in the application's page, nothing
leaves the page, and no click on it does anything."""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Dialog, Page, expect
from playwright.sync_api import Error as PlaywrightError

from apps.accounts.actors import ActorKind
from apps.journal.models import NotebookEvent
from apps.notebooks.commands import import_notebook
from tests.browser.conftest import Tab
from tests.browser.hostile import assert_nothing_left, assert_nothing_ran
from tests.browser.hostile_payloads import (
    HTML,
    HTML_ALONE,
    JSONS,
    LATEX,
    MARKDOWN,
    MERMAID,
    MERMAID_TYPE,
    NAMES,
    PLOTLY,
    PLOTLY_TYPE,
    SCRIPTS,
    SVG,
    TEXT,
    VEGA,
    VEGA_TYPE,
    WIDGETS,
    display,
)
from tests.support.cast import Person
from tests.support.processes import WebProcess

OpenTab = Callable[[Person], Tab]


def outputs_of(text: str) -> list[dict[str, Any]]:
    """Text in all the forms that an output has for it."""
    return [
        {"output_type": "stream", "name": "stdout", "text": text},
        {"output_type": "stream", "name": "stderr", "text": text},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": []},
        {
            "output_type": "error",
            "ename": "x",
            "evalue": "x",
            "traceback": [f"Cell In[1], line 1{text}", text],
        },
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": text}},
        {"output_type": "display_data", "metadata": {}, "data": {f"text/{text}": text}},
    ]


def all_outputs() -> list[dict[str, Any]]:
    groups = {
        "text/html": HTML_ALONE + ["".join(HTML[index : index + 8]) for index in range(0, len(HTML), 8)],
        "text/markdown": HTML[::4] + [text for text in MARKDOWN if "```mermaid" not in text],
        "text/latex": LATEX,
        "image/svg+xml": SVG,
        "application/javascript": SCRIPTS,
        "application/json": JSONS,
        VEGA_TYPE: VEGA,
        PLOTLY_TYPE: PLOTLY,
        MERMAID_TYPE: MERMAID,
    }
    rich = [display(mime_type, content) for mime_type, group in groups.items() for content in group]
    forged = [
        display(mime_type, '"><img src=x onerror=JS>')
        for mime_type in ("image/png", "audio/wav", "application/pdf")
    ]
    return rich + forged + [output for text in TEXT for output in outputs_of(text)]


def ipynb_of() -> dict[str, Any]:
    code = {"cell_type": "code", "metadata": {"<img>": "<script>JS</script>"}, "execution_count": 1}
    outputs = all_outputs()
    cells: list[dict[str, Any]] = [
        code | {"source": TEXT[index % len(TEXT)], "outputs": outputs[index : index + 10]}
        for index in range(0, len(outputs), 10)
    ]
    attachments = {"x.svg": {"image/svg+xml": SVG[0]}}
    cells += [
        {"cell_type": "markdown", "metadata": {}, "source": source, "attachments": attachments}
        for source in [*HTML_ALONE, *HTML, *MARKDOWN, "![x](attachment:x.svg)"]
    ]
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {"title": NAMES[0]}, "cells": cells}


def wait_until_drawn(page: Page) -> None:
    """Every frame has said how high it is, or made way for text; nothing is on its way any more."""
    page.wait_for_function(
        """() => {
            const frames = [...document.querySelectorAll(".output-frame iframe")];
            const prose = [...document.querySelectorAll(".output-markdown")];
            const displays = [...document.querySelectorAll(".output-display")];
            return frames.length > 40 && displays.every((each) => each.firstElementChild)
                && frames.every((frame) => frame.style.height) && prose.every((each) => !each.ariaBusy);
        }""",
        timeout=120_000,
    )


CLICK = "() => document.querySelectorAll('a, button, text, [data-action]').forEach((each) => each.click?.())"
# Every event that an element of users' content could have a handler for, and a click.
PROVOKE = """() => {
    const places = "tandem-outputs *, [data-part=preview] *";
    for (const element of document.querySelectorAll(places)) {
        for (const name of ["mouseover", "pointerover", "focus", "toggle", "load", "error", "animationstart"]) {
            element.dispatchEvent(new Event(name));
        }
        // A link that says where it leads may be followed by those who click it.
        if (!element.closest("a[target=_blank]") && !element.closest(".output-gap")) element.click?.();
    }
}"""


def in_frames(page: Page, script: str) -> list[Any]:
    """What the script says in each frame of an output, but for those whose content led them astray."""
    answers = []
    for frame in page.frames:
        if not frame.url.endswith(("/frames/output/", "/frames/widget/")):
            continue
        with suppress(PlaywrightError):
            answers.append(frame.evaluate(script))
    return answers


def test_nothing_of_it_runs(
    open_tab: OpenTab,
    server: WebProcess,
    owner: Person,
    other_site: socket.socket,
    arm: Callable[[Any], Any],
) -> None:
    ipynb = arm(ipynb_of())
    assert len(all_outputs()) + len(HTML_ALONE) + len(HTML) + len(MARKDOWN) >= 200
    content = json.dumps(ipynb).encode()
    notebook = import_notebook(
        actor=owner.actor, content=content, filename=f"{arm(NAMES[1])}.ipynb".replace("/", "")
    )
    tab = open_tab(owner)
    page = tab.page
    asked: list[str] = []
    page.context.on("requestfinished", lambda request: asked.append(request.url))
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    # So high that every frame is near enough to load.
    page.set_viewport_size({"width": 1280, "height": 30_000})
    page.add_init_script(
        "if (window === top) { window.errors = []; onerror = (message) => errors.push(message); }"
    )
    page.goto(f"/notebooks/{notebook.id}/", wait_until="commit")
    tab.wait_until_connected()
    wait_until_drawn(page)
    # In their frames the scripts did run, so this tests something.
    assert len([ran for ran in in_frames(page, "window.__pwn") if ran]) > 10

    in_frames(page, CLICK)
    page.evaluate(PROVOKE)
    expect(page.locator("tandem-connection")).to_have_attribute("data-status", "connected")

    assert_nothing_ran(page)
    assert page.evaluate("errors") == []
    # Those of the scripts in the frames are theirs.
    tab.errors.clear()
    assert dialogs == []
    assert page.url.partition("#")[0] == f"{server.url}/notebooks/{notebook.id}/"
    assert len(page.context.pages) == 1
    assert_nothing_left(asked, server, other_site)
    # Besides the import, there is only what the kernel said if there was a worker to start one.
    events = NotebookEvent.objects.filter(notebook=notebook).exclude(actor_kind=ActorKind.SYSTEM)
    assert events.count() == 1, "a click on users' content was a command"


def test_no_widget_runs(
    open_tab: OpenTab,
    server: WebProcess,
    owner: Person,
    other_site: socket.socket,
    arm: Callable[[Any], Any],
) -> None:
    tab = open_tab(owner)
    asked: list[str] = []
    tab.page.context.on("requestfinished", lambda request: asked.append(request.url))
    tab.page.set_viewport_size({"width": 1280, "height": 6_000})
    ran = 0
    # Some at a time: each frame has all of Jupyter's code.
    for start in range(0, len(WIDGETS), 12):
        payloads = WIDGETS[start : start + 12]
        notebook = import_notebook(actor=owner.actor, content=json.dumps(arm(ipynb_with(payloads))).encode())
        tab.page.goto(f"/notebooks/{notebook.id}/", wait_until="commit")
        tab.wait_until_connected()
        # Each is drawn, and says that its kernel is gone, or why it is not.
        expect(tab.page.locator(".output-widget .output-note:not(:empty)")).to_have_count(len(payloads))
        tab.page.wait_for_function(
            """() => [...document.querySelectorAll(".output-widget iframe")].every((frame) => frame.style.height)"""
        )
        ran += len([each for each in in_frames(tab.page, "window.__pwn") if each])
        in_frames(tab.page, CLICK)
        tab.page.evaluate(PROVOKE)
        expect(tab.page.locator("tandem-connection")).to_have_attribute("data-status", "connected")
        assert_nothing_ran(tab.page)
        assert tab.page.url.partition("#")[0] == f"{server.url}/notebooks/{notebook.id}/"
        events = NotebookEvent.objects.filter(notebook=notebook).exclude(actor_kind=ActorKind.SYSTEM)
        assert events.count() == 1, "a click on a widget was a command"
    assert ran > 3
    assert len(tab.page.context.pages) == 1
    tab.errors.clear()  # of the frames' own scripts
    assert_nothing_left(asked, server, other_site)


def ipynb_with(widgets: list[dict[str, Any]]) -> dict[str, Any]:
    states = {
        f"m{index}": {"model_name": "x", "model_module": "x", "model_module_version": "x", "state": state}
        for index, state in enumerate(widgets)
    }
    view_type, state_type = (f"application/vnd.jupyter.widget-{part}+json" for part in ("view", "state"))
    outputs = [
        display(view_type, {"model_id": name, "version_major": 2, "version_minor": 0}) for name in states
    ]
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "", "outputs": outputs}
    held = {state_type: {"version_major": 2, "version_minor": 0, "state": states}}
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {"widgets": held}, "cells": [code]}
