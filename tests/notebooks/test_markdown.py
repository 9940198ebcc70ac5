"""Markdown of strangers becomes HTML that can only show something."""

import re
import time
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from django.urls import resolve
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.api.views.workspace import FileImageView
from apps.notebooks import markdown
from apps.notebooks.markdown import MAX_RENDERED_CHARS, TAGS, render_markdown

PIXEL = {"pixel a.png": {"image/png": "iVBO\nRw0="}}
SAFE_ATTRIBUTES = {
    "align", "alt", "charoff", "cite", "class", "colspan", "datetime", "height", "href", "hreflang", "lang",
    "open", "rel", "rowspan", "scope", "size", "span", "src", "start", "target", "title", "type", "width",
}  # fmt: skip


class Tags(HTMLParser):
    """All tags of a piece of HTML with their attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(markup: str) -> None:
    for tag, attributes in Tags(markup).found:
        assert tag in TAGS
        assert set(attributes) <= SAFE_ATTRIBUTES, (tag, attributes)
        href = re.sub(r"[\x00-\x20]", "", attributes.get("href") or "")  # as browsers do
        scheme = re.match(r"[a-z][a-z0-9+.-]*(?=:)", href, re.IGNORECASE)
        assert scheme is None or scheme[0] in ("http", "https", "mailto"), href
        if "src" in attributes:
            assert tag == "img"
            assert (attributes["src"] or "").lower().startswith("data:image/")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("# A *b*", "<h1>A <em>b</em></h1>\n"),
        ("~~a~~", "<p><s>a</s></p>\n"),
        ("```python\nx < 1\n```", '<pre><code class="language-python">x &lt; 1\n</code></pre>\n'),
        ("<center>a</center>", "<center>a</center>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("&copy; <br> b", "<p>© <br> b</p>\n"),
        ("a $x_1*y*$", '<p>a <code class="language-math">x_1*y*</code></p>\n'),
        ("$$\na < b\n$$", '<pre><code class="language-math-display">a &lt; b</code></pre>\n'),
        ("a $$b$$ c", '<p>a <code class="language-math-display">b</code> c</p>\n'),
        (
            "\\begin{align}\na_1\n\\end{align}",
            '<pre><code class="language-math-display">\\begin{align}\na_1\n\\end{align}</code></pre>\n',
        ),
        ("\\begin{align}\na", "<p>\\begin{align}\na</p>\n"),
        ("$5 and $6", "<p>$5 and $6</p>\n"),
        ("", ""),
    ],
)
def test_markdown(source: str, shown: str) -> None:
    assert render_markdown(source) == shown


def test_tables_keep_their_alignment() -> None:
    shown = render_markdown("|a|b|\n|:-:|--:|\n|1|2|")
    assert '<th align="center">a</th>' in shown
    assert '<td align="right">2</td>' in shown


def test_links_open_elsewhere_and_tell_nothing() -> None:
    assert render_markdown("[a](https://b.c/?d=1&e=2)") == (
        '<p><a href="https://b.c/?d=1&amp;e=2" target="_blank" rel="noopener noreferrer">a</a></p>\n'
    )
    assert 'target="_blank"' not in render_markdown("[a](#b)")
    assert (
        'target="_blank"'
        in render_markdown("<a href='#b' target=_top>a</a> [b](http://c.d)").partition("</a>")[2]
    )


def test_attached_images_are_inlined() -> None:
    for source in (
        "![a *b*](attachment:pixel%20a.png 'c')",
        '<img src="attachment:pixel a.png" alt="a b" title=c>',
    ):
        assert '<img src="data:image/png;base64,iVBORw0=" alt="a b" title="c">' in render_markdown(
            source, PIXEL
        )


def test_images_of_the_folder() -> None:
    notebook_id = UUID("01890000-0000-7000-8000-000000000000")
    address = f"/api/v1/notebooks/{notebook_id}/files/image/"
    assert resolve(address).func.view_class is FileImageView  # type: ignore[attr-defined]
    for source, path in {
        "![a](plots/one.png)": "plots/one.png",
        "![a](./two%20words.svg?raw=1#x)": "two%20words.svg",
        "<img src='a&b=c.png' alt=a width=40>": "a%26b%3Dc.png",
        "![a](one/../two.png)": "two.png",
    }.items():
        assert f'<img src="{address}?path={path}" alt="a"' in render_markdown(source, None, notebook_id)
    for source in ("https://a.b/c.png", "//a.b/c.png", "/etc/x.png", "../x.png", "a/../../x.png", "file:x"):
        assert "<img" not in render_markdown(f"![a](<{source}>)", None, notebook_id)
    other = "01890000-0000-7000-8000-000000000001"
    assert "<img" not in render_markdown(
        f"<img src='{address.replace(str(notebook_id), other)}?path=a'>", None, notebook_id
    )
    assert "<img" not in render_markdown("![a](plots/one.png)")


def test_task_lists() -> None:
    shown = render_markdown("- [ ] open\n- [x] **done**\n- [y] neither\n\n[ ] text")
    assert '<li class="task">☐ open</li>' in shown
    assert '<li class="task">☑ <strong>done</strong></li>' in shown
    assert "<li>[y] neither</li>" in shown
    assert "<p>[ ] text</p>" in shown
    assert render_markdown("<ul><li class=button>a</li></ul>") == "<ul><li>a</li></ul>"


def test_an_attached_svg_may_be_text() -> None:
    shown = render_markdown("![a](attachment:b)", {"b": {"image/svg+xml": "<svg onload='alert(1)'/>"}})
    assert '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9J2FsZXJ0KDEpJy8+" alt="a">' in shown


@pytest.mark.parametrize(
    "attachments",
    [
        {},
        {"a": None},
        {"a": {"image/png": ["AA=="]}},
        {"a": {"text/html": "PGI+"}},
        {"a": {"image/png": '"><b>'}},
    ],
)
def test_a_missing_attachment_is_its_label(attachments: dict[str, Any]) -> None:
    assert render_markdown("![b](attachment:a)", attachments) == "<p><em>b</em></p>\n"


@pytest.mark.parametrize(
    "source",
    [
        "![the <b>label](http://b.c/d.png)",
        "<img src=http://b.c/d.png alt='the <b>label'>",
        "<div>\n<IMG\nalt='the <b>label' src='http://b.c/d.png'>\n</div>",
    ],
)
def test_a_remote_image_is_a_link_to_it(source: str) -> None:
    shown = render_markdown(source)
    assert "<img" not in shown
    assert (
        '<a href="http://b.c/d.png" target="_blank" rel="noopener noreferrer">the &lt;b&gt;label</a>' in shown
    )


def test_an_image_of_our_own_server_is_not_fetched_either() -> None:
    for source in ("![a](/logout/)", "<img src=/logout/>", "<img src='//b.c'"):
        assert "img" not in [tag for tag, _ in Tags(render_markdown(source)).found]


@pytest.mark.parametrize("source", ["![a](data:image/{}{})", "<img alt=a src='data:image/{}{}'>"])
@pytest.mark.parametrize("kind", ["png;base64,", "svg+xml;base64,", "gif;base64,"])
def test_data_images_stay(source: str, kind: str) -> None:
    assert f'<img src="data:image/{kind}AAAA" alt="a">' in render_markdown(source.format(kind, "AAAA"))


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<style>* {display: none}</style>",
        "<iframe src='https://b.c'></iframe>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data=x></object><embed src=x>",
        "<form action='/logout/' method=post><input name=q autofocus onfocus=alert(1)><button>a</button>",
        "<base href='//b.c'><meta http-equiv=refresh content='0; url=//b.c'><link rel=stylesheet href=x>",
        "<img src=x onerror=alert(1)>",
        "<img src='data:text/html,<script>alert(1)</script>'>",
        "<svg><script>alert(1)</script><a xlink:href='javascript:alert(1)'>a</a></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=f()&gt;'>",
        "<p style='position: fixed; inset: 0' id=run class=button name=forms onclick=alert(1)>a</p>",
        "<a href='javascript:alert(1)'>a</a>",
        "<a href='JaVa\tScRiPt:alert(1)'>a</a>",
        "<a href='&#1;javascript:alert(1)'>a</a>",
        "<a href=' data:text/html,<script>alert(1)</script>'>a</a>",
        "<a href='vbscript:x'>a</a> <a href='file:///etc/passwd'>a</a> <a href='blob:x'>a</a>",
        "[a](javascript:alert(1)) [b](data:text/html,x) ![c](javascript:alert(1))",
        "[a][b]\n\n[b]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "[a](<javascript:alert(1)>) [a](java&#115;cript:alert(1)) [a](&#x1;javascript:alert(1))",
        "![a](https://b.c/\"onerror=alert(1)) ![b](x 'y\"onerror=alert(1)')",
        '```"onload=alert(1) x\ny\n```',
        "<blockquote cite='javascript:alert(1)'>a</blockquote>",
        "<map name=a><area href='https://b.c' shape=default></map><img usemap=#a src=x>",
        "<details ontoggle=alert(1) open>a</details>",
        "<img src='x' alt='><script>alert(1)</script>'>",
        '<img alt="<img src=\'" src=x onerror=alert(1)>',
        "<div><img src='a' \n\n<script>alert(1)</script>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><script>alert(1)</script></template>",
        "<a href='https://b.c' target=_self rel=opener ping='//b.c'>a</a>",
        "<video src=x onerror=alert(1) autoplay></video><audio src=x></audio>",
        "<xmp><script>alert(1)</script></xmp><plaintext>",
        "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    ],
)
def test_hostile_text_is_harmless(source: str) -> None:
    assert_harmless(render_markdown(source, PIXEL))
    assert_harmless(render_markdown(f"a {source} b\n\n<div>{source}\n", PIXEL))


fragments = st.sampled_from(
    ["<img ", "<a ", "<div>", "</div>", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "src=", "href=",
     "'", '"', ">", "<", "javascript:", "data:text/html,", "onerror=alert(1) ", "[", "](", ")", "![", "`",
     "```\n", "\n", "&#106;", "attachment:pixel%20a.png", "<svg>", "<style>", "|", "|-|\n", "\\", "title="]
)  # fmt: skip


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.lists(fragments, max_size=15).map("".join))
def test_any_text_is_harmless(source: str) -> None:
    assert_harmless(render_markdown(source, PIXEL))


def test_long_text_is_shown_as_it_is() -> None:
    shown = render_markdown("<b>*" * MAX_RENDERED_CHARS)
    assert shown == f"<pre>{'&lt;b&gt;*' * MAX_RENDERED_CHARS}</pre>"


def test_a_long_inline_image_is_no_long_text() -> None:
    uri = f"data:image/png;base64,{'A' * MAX_RENDERED_CHARS}"
    assert render_markdown(f"![a]({uri}) *b*") == f'<p><img src="{uri}" alt="a"> <em>b</em></p>\n'


def test_an_attachment_cannot_be_inlined_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MAX_INLINED_CHARS", 100_000)
    shown = render_markdown("![a](attachment:b)\n" * 1000, {"b": {"image/png": "A" * 30_000}})
    assert (shown.count("<img"), shown.count("<em>")) == (3, 997)


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![[]()",
        "> ",
        "*a_ ",
        "`",
        "<",
        "<a ",
        "<img '",
        "<!--",
        "|a",
        "* ",
        "[a](",
        "~~a ",
        "<div>",
        "\\",
        "&#1;",
        "$a ",
        "$$\n",
        "\\begin{align}\n",
    ],
)
def test_the_worst_text_does_not_take_long(piece: str) -> None:
    started = time.monotonic()
    render_markdown(piece * (MAX_RENDERED_CHARS // len(piece)))
    assert time.monotonic() - started < 20  # about a second here; quadratic growth would be minutes
