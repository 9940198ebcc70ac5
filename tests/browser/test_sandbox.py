"""What a cell put out cannot do: read the page, act as the user, or tell anybody."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from apps.notebooks.commands import import_notebook
from tests.browser.conftest import Tab
from tests.support.cast import Person
from tests.support.processes import WebProcess

# Each tries one thing and writes down what came of it.
ATTEMPTS = """
<div id="report"></div>
<script>
  const report = (name, outcome) => {
    const line = document.createElement("p");
    line.textContent = `${name}: ${outcome}`;
    document.getElementById("report").append(line);
  };
  const attempt = (name, action) => {
    try { action(); report(name, "done"); } catch (error) { report(name, "refused"); }
  };
  attempt("parent", () => parent.document.title);
  attempt("cookie", () => document.cookie);
  attempt("storage", () => localStorage.length);
  attempt("top", () => { top.location = "/probe/top"; });
  fetch("/probe/fetch", {mode: "no-cors"}).then(() => report("fetch", "done"), () => report("fetch", "refused"));
  new Image().src = "/probe/image";
  new WebSocket("ws://" + new URL("/probe/socket", document.baseURI).host);
  window.open("/probe/window");
  const form = document.createElement("form");
  form.action = "/probe/form";
  document.body.append(form);
  form.submit();
  parent.postMessage({type: "height", height: 1e9}, "*");
</script>
<img src="/probe/img"><link rel="stylesheet" href="http://127.0.0.1:9/probe/style">
"""
SVG = """
<svg xmlns="http://www.w3.org/2000/svg" onload="top.hacked = 1" width="9" height="9">
  <script>top.hacked = 1</script>
</svg>
"""
MARKDOWN = """
<img src="/probe/markdown" onerror="top.hacked = 1"> <iframe src="/probe/iframe"></iframe>
[link](javascript:top.hacked=1) <a href="javascript:top.hacked=1">link</a>
"""


def display(mime_type: str, content: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {mime_type: content}}


def test_outputs_are_locked_in(open_tab: Callable[[Person], Tab], server: WebProcess, owner: Person) -> None:
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "1"}
    outputs = [display("text/html", ATTEMPTS), display("image/svg+xml", SVG)]
    cells = [code | {"outputs": outputs}, {"cell_type": "markdown", "metadata": {}, "source": MARKDOWN}]
    ipynb = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    notebook = import_notebook(actor=owner.actor, content=ipynb.encode(), filename="attack.ipynb")
    tab = open_tab(owner)
    requests: list[str] = []
    tab.page.context.on("requestfinished", lambda request: requests.append(request.url))
    tab.open(f"/notebooks/{notebook.id}/")

    report = tab.outputs(0).frame_locator("iframe").locator("#report")
    expect(report).to_contain_text("fetch: refused")
    for name in ("parent", "cookie", "storage", "top"):
        expect(report).to_contain_text(f"{name}: refused")
    expect(tab.outputs(0).locator("img")).to_have_js_property("naturalWidth", 9)
    assert tab.page.evaluate("() => window.hacked") is None
    assert [url for url in requests if "/probe/" in url] == []
    assert len(tab.page.context.pages) == 1
    assert tab.page.url == f"{server.url}/notebooks/{notebook.id}/"
    assert tab.outputs(0).locator("iframe").bounding_box()["height"] <= 20_000  # type: ignore[index]
    preview = tab.cell(1).locator("[data-part=preview]").inner_html()
    assert "iframe" not in preview
    assert 'href="javascript' not in preview
