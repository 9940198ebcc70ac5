"""Notebooks of other projects with the outputs in their files: each is drawn, and nothing of it is blank."""

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import ConsoleMessage, TimeoutError

from apps.base.errors import Invalid
from apps.notebooks.commands import import_notebook
from apps.notebooks.importing import parse_ipynb
from tests.browser.conftest import Tab
from tests.browser.drawing import content_of
from tests.support.cast import Person
from tests.support.real_notebooks import REAL_NOTEBOOKS

OpenTab = Callable[[Person], Tab]

DRAWN_WITHIN_MS = 60_000

# What Chromium says when HTML of an output asks another site for something, or for an alert, and does not get it.
OF_FRAMES = re.compile(
    r"""Policy directive: "((?:img|media)-src data: blob:|default-src 'none')"""
    r"""|^Ignored call to 'alert\(\)'. The document is sandboxed"""
)

# Of HTML: whether it has something to be seen, or something of its own, that it does not ask another site for.
VISIBLE = """(html, isOwn = false) => {
  const content = new DOMParser().parseFromString(html, "text/html").body;
  const unseen = "script, style, [style*='display:none'], [style*='display: none']";
  const others = ", img:not([src^='data:']), iframe:not([srcdoc]), :is(audio, video, source)[src^='http']";
  for (const hidden of content.querySelectorAll(isOwn ? unseen + others : unseen)) hidden.remove();
  const drawn = content.querySelector("img, svg, canvas, table, video, iframe, hr");
  return content.textContent.trim() !== "" || drawn !== null;
}"""
# The outputs that show nothing, although there is something to show. It scrolls to the first: what is far away
# is drawn later.
BLANK = """() => {
  const visible = VISIBLE;
  const has = (output) =>
    output.output_type === "stream" ? output.text.trim() !== ""
    : output.output_type === "error" ? true : Object.keys(output.data ?? {}).length > 0;
  const shows = (element, output) => {
    const frame = element.querySelector("iframe");
    if (frame) {
      if (frame.style.height === "") return false;
      const html = output.data["text/html"];
      return html === undefined || !visible(html) || frame.offsetHeight > 0;
    }
    const image = element.querySelector("img");
    if (image) return image.complete && image.naturalWidth > 0;
    const plain = output.data?.["text/plain"];
    const markdown = output.data?.["text/markdown"];
    if (markdown !== undefined && !visible(markdown)) return true;
    return element.textContent.trim() !== "" || (plain !== undefined && plain.trim() === "");
  };
  const blank = [];
  const note = (cell, text) => {
    if (blank.length === 0) cell.scrollIntoView();
    blank.push(text);
  };
  for (const [number, cell] of [...document.querySelectorAll("tandem-cell")].entries()) {
    const list = cell.querySelector("tandem-outputs");
    if (cell.cell.outputs.length !== list.children.length) note(cell, `cell ${number}: not all outputs`);
    for (const [index, element] of [...list.children].entries()) {
      const output = list.outputs[index];
      if (has(output) && !shows(element, output)) {
        note(element, `cell ${number}, output ${index}: ${Object.keys(output.data ?? {})}`);
      }
    }
    const preview = cell.querySelector("[data-part=preview]");
    if (cell.dataset.kind === "markdown" && visible(cell.cell.source) && !preview.children.length) {
      note(cell, `cell ${number}: Markdown`);
    }
  }
  return blank;
}""".replace("VISIBLE", VISIBLE)
# Of the frames that have something to show, the numbers of their cells and of the outputs in these.
FRAMED = """() => [...document.querySelectorAll("tandem-cell")].flatMap((cell, number) => {
  const visible = VISIBLE;
  const list = cell.querySelector("tandem-outputs");
  return [...list.children].flatMap((element, index) => {
    const data = list.outputs[index].data ?? {}, html = data["text/html"];
    const isSeen = html === undefined ? !("application/javascript" in data) : visible(html, true);
    return isSeen && element.querySelector(".output-frame") ? [[number, index]] : [];
  });
})""".replace("VISIBLE", VISIBLE)


def test_each_is_drawn(open_tab: OpenTab, owner: Person) -> None:
    tab = open_tab(owner)
    errors: list[str] = []
    tab.page.on("console", lambda message: errors.extend(errors_of(message)))
    problems: dict[str, list[str]] = {}
    for path in readable_notebooks():
        notebook = import_notebook(actor=owner.actor, content=path.read_bytes(), filename=path.name)
        tab.open(f"/notebooks/{notebook.id}/")
        problems[path.name] = blank_in(tab) + empty_frames_in(tab) + errors
        errors.clear()
    assert len(problems) > 50
    assert {name: found for name, found in problems.items() if found} == {}


def readable_notebooks() -> list[Path]:
    """Those that are no examples of broken files."""
    index = json.loads((REAL_NOTEBOOKS / "index.json").read_text())
    return sorted(
        REAL_NOTEBOOKS / each["file"] for each in index if is_importable(REAL_NOTEBOOKS / each["file"])
    )


def is_importable(path: Path) -> bool:
    try:
        parse_ipynb(path.read_bytes())
    except Invalid:
        return False
    return True


def blank_in(tab: Tab) -> list[str]:
    """What shows nothing, in the end."""
    with suppress(TimeoutError):
        tab.page.wait_for_function(f"() => ({BLANK})().length === 0", timeout=DRAWN_WITHIN_MS)
    blank: list[str] = tab.page.evaluate(BLANK)
    return blank


def empty_frames_in(tab: Tab) -> list[str]:
    """Frames with a height, and nothing in them that could be seen."""
    empty = []
    for number, index in tab.page.evaluate(FRAMED):
        output = tab.cell(number).locator("tandem-outputs > *").nth(index)
        output.scroll_into_view_if_needed()
        body = output.frame_locator(".output-frame iframe").locator("body")
        deadline = time.monotonic() + DRAWN_WITHIN_MS / 1000
        while not any(content_of(body)) and time.monotonic() < deadline:
            tab.page.evaluate("() => new Promise(requestAnimationFrame)")
        if not any(content_of(body)):
            empty.append(f"cell {number}, output {index}: an empty frame")
    return empty


def errors_of(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type == "error" and not OF_FRAMES.search(message.text) else []
