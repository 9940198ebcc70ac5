"""Small views of outputs, for a model that pays for each character. Pure; docs/protocol.md has the shape of an output.

Text is cut to its head and tail, a figure told in a sentence, a dataframe as its columns and first rows, an image as a
note (`read_cell` shows it); everything else is a MIME type and a size.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from apps.assistant.tools.clipping import beginning, clipped
from apps.assistant.tools.figures import PLOTLY, figure_preview
from apps.assistant.tools.images import image_of_base64, note_of_reference, told_size
from apps.assistant.tools.tables import TABLE, grid_preview, table_preview
from apps.base.text import storable
from apps.base.wire import dumps
from apps.notebooks.output_files import is_reference

TEXT_CHARS = 500
# Of an error: the last frames say where it came from, more is mostly library code.
FRAMES = 3
FRAME_CHARS = 600

# Colours and what else terminals obey.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# Shown if there is nothing better in the bundle, best first.
_TEXTS = ("text/markdown", "text/latex", "text/plain", "application/json")

Output = Mapping[str, Any]


def preview(output: Output, limit: int = TEXT_CHARS) -> str:
    """One output in about `limit` characters."""
    match output.get("output_type"):
        case "stream":
            label = "" if output.get("name") == "stdout" else "stderr: "
            return label + clipped(_plain(output.get("text")).rstrip("\n"), limit)
        case "error":
            return _error(output, limit)
        case _:
            data = output.get("data")
            return _bundle(data if isinstance(data, Mapping) else {}, limit)


def previews(outputs: Iterable[Output], limit: int = TEXT_CHARS, *, most: int = 20) -> str:
    """All outputs of a cell, one below the other; beyond `most` only how many."""
    shown = list(outputs)
    texts = [preview(output, limit) for output in shown[:most]]
    if len(shown) > most:
        texts.append(f"[… and {len(shown) - most:,} more outputs …]")
    return "\n".join(texts)


def _error(output: Output, limit: int) -> str:
    """The error first, because what is below may be cut off."""
    headline = clipped(_plain(f"{output.get('ename')}: {output.get('evalue')}"), limit)
    traceback = output.get("traceback")
    frames = [_plain(frame) for frame in traceback] if isinstance(traceback, list) else []
    # IPython's first piece is a rule and a heading, its last one says the error again.
    inner = [frame for frame in frames[1:-1] if frame.strip() and "Traceback (most recent" not in frame]
    shown = (
        [clipped(frame.strip("\n"), FRAME_CHARS) for frame in inner[-FRAMES:]] if limit >= TEXT_CHARS else []
    )
    return "\n".join([headline, *shown])


def _bundle(data: Mapping[str, Any], limit: int) -> str:
    if PLOTLY in data:
        return figure_preview(data[PLOTLY])
    if table := grid_preview(data.get(TABLE)):
        return clipped(table, 2 * limit)
    for media_type in data:
        if media_type.startswith("image/"):
            return _image(media_type, data[media_type])
    if isinstance(html := data.get("text/html"), str) and (table := table_preview(html)):
        return clipped(table, 2 * limit)
    for media_type in _TEXTS:
        if media_type in data:
            value = data[media_type]
            text = value if isinstance(value, str) else dumps(storable(value))
            return "\n".join([clipped(_plain(text), limit), *_others(data, media_type)])
    return " ".join(_others(data, "")) or "[an empty output]"


def _image(media_type: str, value: Any) -> str:
    if media_type == "image/svg+xml":
        return f"[image: SVG, {told_size(len(str(value)))}; of a kind that you cannot see]"
    if is_reference(value):
        return note_of_reference(media_type, value)
    return image_of_base64(media_type, value).note


def _others(data: Mapping[str, Any], shown: str) -> list[str]:
    """What there is besides: MIME types and sizes. Beside text, HTML is mostly the same again."""
    others = [each for each in data if each != shown and not (shown and each in ("text/html", "text/plain"))]
    return [f"[{beginning(each, 100)}: {told_size(_size(data[each]))}]" for each in others[:5]]


def _size(value: Any) -> int:
    if is_reference(value):
        return int(value["size_bytes"])
    return len(value) if isinstance(value, str) else len(dumps(storable(value)))


def _plain(value: Any) -> str:
    """Without colours; a line that was written over several times, like that of a progress bar, as it was at last."""
    text = _ESCAPES.sub("", "".join(value) if isinstance(value, list) else str(value))
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
