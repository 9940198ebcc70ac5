"""Markdown cells as HTML that is safe to put into our page, whoever wrote them.

CommonMark with tables, strikethrough, formulas and raw HTML (notebooks are full of it), then nh3, which lets through a
list of tags and attributes and nothing else: no script, style, form or frame, no event handlers, no ids or
names that could shadow those of the page. Only nh3 is trusted; what comes before it may be wrong.

Images are inlined, or come from the notebook's folder, or become links: the page loads nothing from elsewhere,
so opening a notebook tells nobody.
"""

import base64
import functools
import html
import posixpath
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import quote, unquote
from uuid import UUID

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from apps.base.wire import JsonObject
from apps.notebooks.markdown_formulas import add_formulas
from apps.notebooks.markdown_tasks import TASK_CLASS, add_tasks

# The parser takes a second for the worst 100,000 characters, quadratically more for more: that is shown raw.
MAX_RENDERED_CHARS = 100_000
# An attachment is inlined wherever it is named, so a short text could become gigabytes.
MAX_INLINED_CHARS = 20 * 2**20

IMAGE_TYPES = (
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/svg+xml",
    "image/bmp",
    "image/avif",
)
DATA_IMAGE = re.compile(rf"data:(?:{'|'.join(map(re.escape, IMAGE_TYPES))})[;,]", re.IGNORECASE)
LONG_DATA_IMAGE = re.compile(r"data:(image/[a-z+]+);base64,([A-Za-z0-9+/=]{100,})")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
IMAGE_TAG = re.compile(r"""<img\b(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
IMAGE_TAG_START = re.compile(r"<img\b", re.IGNORECASE)
ATTACHMENT = "attachment:"
# Where the API shows an image of the notebook's folder, to those who may see the notebook; what follows is its path.
FOLDER_IMAGE = "/api/v1/notebooks/{}/files/image/?path="
QUOTED_PATH = re.compile(r"[\w.~%/-]+", re.ASCII)
# Relative to the notebook: no scheme, no host, nothing that the page itself would go to.
LOCAL = re.compile(r"(?![a-z][a-z0-9+.-]*:|[/\\#?])[^\x00-\x1f]+", re.IGNORECASE)

TAGS = nh3.ALLOWED_TAGS - {"map", "area"}
ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items() if tag in TAGS} | {
    "details": {"open"},
    "ol": {"start", "type"},
    **{tag: {"align"} for tag in ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6")},
}
CODE_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")


def render_markdown(
    source: str, attachments: JsonObject | None = None, notebook_id: UUID | None = None
) -> str:
    """Sanitised HTML. `attachments` is the cell's, `{name: {MIME type: base64}}`; its images are inlined.

    With `notebook_id`, images that are named by a relative path are those of that notebook's folder.
    """
    images = _Images(attachments or {}, FOLDER_IMAGE.format(notebook_id) if notebook_id else None)
    if len(source) > MAX_RENDERED_CHARS:
        source = LONG_DATA_IMAGE.sub(images.put_aside, source)
    if len(source) > MAX_RENDERED_CHARS:
        return f"<pre>{html.escape(source)}</pre>"
    return _sanitised(_parser().render(source, {"images": images}), images.folder)


class _Images:
    """The images of one rendering, and how much of them may still be inlined."""

    def __init__(self, attachments: JsonObject, folder: str | None) -> None:
        self.attachments = attachments
        self.folder = folder
        self.inlinable_chars = MAX_INLINED_CHARS
        self.data_uris: dict[str, str | None] = {}

    def put_aside(self, found: re.Match[str]) -> str:
        """Name a long data URI like an attachment, so that the text is short enough to parse."""
        name = f"tandem-inline-{len(self.data_uris)}"
        self.data_uris[name] = found[0]
        return ATTACHMENT + name

    def inlined(self, source: str) -> str | None:
        """The data URI to show for an image's source; None if it is not one of ours, or one too many."""
        uri = source
        if source.startswith(ATTACHMENT):
            uri = self._attached(unquote(source.removeprefix(ATTACHMENT))) or ""
        if not DATA_IMAGE.match(uri) or len(uri) > self.inlinable_chars:
            return None
        self.inlinable_chars -= len(uri)
        return uri

    def in_folder(self, source: str) -> str | None:
        """The address of an image in the notebook's folder; None if the source is none."""
        if self.folder is None or not LOCAL.fullmatch(source):
            return None
        path = posixpath.normpath(unquote(re.split(r"[?#]", source, maxsplit=1)[0]))
        if path in (".", "..") or path.startswith(("../", "/")):
            return None
        return self.folder + quote(path)

    def _attached(self, name: str) -> str | None:
        if name not in self.data_uris:
            self.data_uris[name] = _data_uri(self.attachments.get(name))
        return self.data_uris[name]


def _data_uri(bundle: object) -> str | None:
    for mime in IMAGE_TYPES:
        data = bundle.get(mime) if isinstance(bundle, dict) else None
        if isinstance(data, str) and BASE64.fullmatch(data):
            return f"data:{mime};base64,{''.join(data.split())}"
        if isinstance(data, str) and mime == "image/svg+xml":
            return f"data:{mime};base64,{base64.b64encode(data.encode()).decode()}"
    return None


@functools.cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Renderer).enable(
        ["table", "strikethrough"]
    )
    add_formulas(parser)
    add_tasks(parser)
    usual = parser.validateLink
    parser.validateLink = lambda url: usual(url) or DATA_IMAGE.match(url) is not None  # type: ignore[method-assign]
    return parser


class _Renderer(RendererHTML):
    """HTML whose images are inlined or links."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        label = self.renderInlineAsText(token.children, options, env)
        return _image(
            env["images"], str(token.attrGet("src") or ""), label, str(token.attrGet("title") or "")
        )

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _with_images(tokens[idx].content, env["images"])

    html_block = html_inline

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Table cells say their alignment by `style`, which nh3 removes."""
        token = tokens[idx]
        style = str(token.attrs.pop("style", ""))
        if style:
            token.attrs["align"] = style.removeprefix("text-align:")
        return self.renderToken(tokens, idx, options, env)

    td_open = th_open


def _with_images(markup: str, images: _Images) -> str:
    """Raw HTML with its images inlined or made links, up to a tag that does not end: in one pass."""
    pieces, done = [], 0
    while start := IMAGE_TAG_START.search(markup, done):
        tag = IMAGE_TAG.match(markup, start.start())
        if tag is None:
            break
        pieces += [markup[done : tag.start()], _raw_image(tag[0], images)]
        done = tag.end()
    return "".join([*pieces, markup[done:]])


def _raw_image(markup: str, images: _Images) -> str:
    tag = _Tag()
    tag.feed(markup)
    attributes = tag.attributes
    shown = {name: value for name, value in attributes.items() if name in ("width", "height", "align")}
    return _image(
        images, attributes.get("src", ""), attributes.get("alt", ""), attributes.get("title", ""), shown
    )


class _Tag(HTMLParser):
    """The attributes of the first tag it is fed."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes = self.attributes or {name: value or "" for name, value in attrs}


def _image(images: _Images, source: str, label: str, title: str, shown: dict[str, str] | None = None) -> str:
    """The image with its data or from the notebook's folder, or else its label as a link to where it is."""
    uri = images.inlined(source) or images.in_folder(source)
    if uri is not None:
        return f"<img{_attributes({'src': uri, 'alt': label, 'title': title} | (shown or {}))}>"
    text = html.escape(label or title or source)
    if source.startswith(ATTACHMENT) or DATA_IMAGE.match(source):
        return f"<em>{text}</em>"
    return f"<a{_attributes({'href': source, 'title': title})}>{text}</a>"


def _attributes(values: dict[str, str]) -> str:
    return "".join(f' {name}="{html.escape(value)}"' for name, value in values.items() if value)


def _sanitised(markup: str, folder: str | None) -> str:
    return nh3.clean(
        markup,
        tags=set(TAGS),
        attributes=ATTRIBUTES | {"code": {"class"}, "li": {"class"}},
        attribute_filter=_AttributeFilter(folder),
        url_schemes={"http", "https", "mailto", "data"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer",
    )


class _AttributeFilter:
    """What nh3 cannot say by lists. It sees the attributes tag by tag, `target` after `href`."""

    def __init__(self, folder: str | None) -> None:
        self.same_document = False
        self.folder = folder

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        match tag, name:
            case "img", "src":
                return value if DATA_IMAGE.match(value) or self._is_in_folder(value) else None
            case "li", "class":
                return value if value == TASK_CLASS else None
            case "a", "href":
                self.same_document = value.startswith("#")
                return None if value.strip().lower().startswith("data:") else value
            case "a", "target":
                stays, self.same_document = self.same_document, False
                return None if stays else value
            case _, "cite":
                return value if value.startswith(("http://", "https://")) else None
            case "code", "class":
                return value if CODE_LANGUAGE.fullmatch(value) else None
        return value

    def _is_in_folder(self, address: str) -> bool:
        if self.folder is None or not address.startswith(self.folder):
            return False
        return QUOTED_PATH.fullmatch(address.removeprefix(self.folder)) is not None
