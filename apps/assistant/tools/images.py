"""Images as the Messages API takes them. It refuses a whole conversation for one image that is not what it says it is,
and code in a cell can publish anything as an image: so each is looked at first. Pure.

Sources: the API's pages on vision (kinds; 5 MB; 8,000 pixels a side, and 2,000 once a request has more than 20 images,
which a long conversation has).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.base.image_sizes import SIZED_TYPES, image_size

# As base64; with room for the API's own counting.
MAX_BASE64_CHARS = 4_900_000
MAX_SIDE_PIXELS = 2_000

VISIBLE = frozenset(SIZED_TYPES)


@dataclass(frozen=True)
class Image:
    """`problem` says why a model cannot see it; empty if it can."""

    media_type: str
    content: bytes
    width: int = 0
    height: int = 0
    problem: str = ""

    @property
    def note(self) -> str:
        """In a few words."""
        return _note(self.media_type, (self.width, self.height), len(self.content), self.problem)

    def as_block(self) -> dict[str, Any]:
        data = base64.b64encode(self.content).decode()
        return {"type": "image", "source": {"type": "base64", "media_type": self.media_type, "data": data}}


def image_of_base64(media_type: str, data: object) -> Image:
    """As in an output's MIME bundle."""
    try:
        content = base64.b64decode("".join(str(data).split()), validate=True)
    except (binascii.Error, ValueError):
        return Image(media_type, b"", problem="it is not base64")
    return image_of(media_type, content)


def image_of(media_type: str, content: bytes) -> Image:
    size = image_size(media_type, content)
    return Image(media_type, content, *(size or (0, 0)), problem=_problem(media_type, size, len(content)))


def note_of_reference(media_type: str, reference: Mapping[str, Any]) -> str:
    """Of an image that is kept as a file."""
    width, height = reference.get("width", 0), reference.get("height", 0)
    size = (width, height) if width else None
    size_bytes = reference["size_bytes"]
    return _note(media_type, size or (0, 0), size_bytes, _problem(media_type, size, size_bytes))


def told_size(size: int) -> str:
    for unit in ("bytes", "kB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size = round(size / 1000)
    return f"{size:,} MB"


def visible_images(bundle: Mapping[str, Any]) -> list[Image]:
    """The first image of a MIME bundle that a model can see, if any."""
    images = (image_of_base64(kind, bundle[kind]) for kind in SIZED_TYPES if kind in bundle)
    return [image for image in images if not image.problem][:1]


def _problem(media_type: str, size: tuple[int, int] | None, size_bytes: int) -> str:
    if media_type not in VISIBLE:
        return "of a kind that you cannot see"
    if size is None:
        return "it is broken"
    if not 0 < max(size) <= MAX_SIDE_PIXELS or not min(size):
        return f"a side may have 1 to {MAX_SIDE_PIXELS:,} pixels"
    return "too large for you to see" if size_bytes * 4 / 3 > MAX_BASE64_CHARS else ""


def _note(media_type: str, size: tuple[int, int], size_bytes: int, problem: str) -> str:
    told = f" {size[0]}×{size[1]}" if size[0] else ""
    trouble = f"; {problem}" if problem else ""
    return f"[image: {media_type}{told}, {told_size(size_bytes)}{trouble}]"
