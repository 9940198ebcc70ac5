"""Notebooks of other projects with the outputs in their files: each is drawn, and nothing of it is blank."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import ConsoleMessage, TimeoutError

from apps.base.errors import Invalid
from apps.notebooks.commands import import_notebook
from apps.notebooks.importing import parse_ipynb
from tests.browser.conftest import Tab
from tests.support.cast import Person
from tests.support.real_notebooks import REAL_NOTEBOOKS

OpenTab = Callable[[Person], Tab]

DRAWN_WITHIN_MS = 60_000

# What Chromium says when HTML of an output asks another site for something, or for an alert, and does not get it.
OF_FRAMES = re.compile(
    r"""Policy directive: "((?:img|media)-src data: blob:|default-src 'none')"""
    r"""|^Ignored call to 'alert\(\)'. The document is sandboxed"""
)

# The outputs that show nothing, although there is something to show. It scrolls to the first: what is far away
# is drawn later.
BLANK = """() => {
  const visible = (html) => {
    const content = new DOMParser().parseFromString(html, "text/html").body;
    const unseen = "script, style, [style*='display:none'], [style*='display: none']";
    for (const hidden of content.querySelectorAll(unseen)) hidden.remove();
    const drawn = content.querySelector("img, svg, canvas, table, video, iframe, hr");
    return content.textContent.trim() !== "" || drawn !== null;
  };
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
}"""


def test_each_is_drawn(open_tab: OpenTab, owner: Person) -> None:
    tab = open_tab(owner)
    errors: list[str] = []
    tab.page.on("console", lambda message: errors.extend(errors_of(message)))
    problems: dict[str, list[str]] = {}
    for path in readable_notebooks():
        notebook = import_notebook(actor=owner.actor, content=path.read_bytes(), filename=path.name)
        tab.open(f"/notebooks/{notebook.id}/")
        problems[path.name] = blank_in(tab) + errors
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


def errors_of(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type == "error" and not OF_FRAMES.search(message.text) else []
