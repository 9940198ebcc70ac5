"""Images as the Messages API takes them. It refuses a whole conversation for one image that is not what it says it is,
and code in a cell can publish anything as an image: so each is looked at first. Pure.

Sources: the API's pages on vision (kinds; 5 MB; 8,000 pixels a side, and 2,000 once a request has more than 20 images,
which a long conversation has), the PNG, JPEG (T.81), GIF89a and WebP formats.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# As base64; with room for the API's own counting.
MAX_BASE64_CHARS = 4_900_000
MAX_SIDE_PIXELS = 2_000

_JPEG_NO_LENGTH = {0x01, *range(0xD0, 0xD9)}
_JPEG_NO_FRAME = {0xC4, 0xC8, 0xCC}  # among 0xC0 to 0xCF


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
        size = f" {self.width}×{self.height}" if self.width else ""
        problem = f"; {self.problem}" if self.problem else ""
        return f"[image: {self.media_type}{size}, {told_size(len(self.content))}{problem}]"

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
    read = _SIZES.get(media_type)
    if read is None:
        return Image(media_type, content, problem="of a kind that you cannot see")
    try:
        width, height = read(content)
    except (struct.error, IndexError, ValueError):
        return Image(media_type, content, problem="it is broken")
    problem = ""
    if not 0 < max(width, height) <= MAX_SIDE_PIXELS or not min(width, height):
        problem = f"a side may have 1 to {MAX_SIDE_PIXELS:,} pixels"
    elif len(content) * 4 / 3 > MAX_BASE64_CHARS:
        problem = "too large for you to see"
    return Image(media_type, content, width, height, problem)


def told_size(size: int) -> str:
    for unit in ("bytes", "kB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size = round(size / 1000)
    return f"{size:,} MB"


def _png_size(content: bytes) -> tuple[int, int]:
    """ValueError unless all its chunks are whole: a decoder refuses others."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR":
        raise ValueError
    at, kind = 8, b""
    while kind != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        kind = content[at + 4 : at + 8]
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(memoryview(content)[at + 4 : at + 8 + length]) != checksum:
            raise ValueError
        at += 12 + length
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    if content[:2] != b"\xff\xd8" or content.rstrip(b"\x00")[-2:] != b"\xff\xd9":
        raise ValueError
    at = 2
    while True:
        marker, code = struct.unpack_from("BB", content, at)
        if marker != 0xFF:
            raise ValueError
        if code == 0xFF:  # a filler
            at += 1
        elif 0xC0 <= code <= 0xCF and code not in _JPEG_NO_FRAME:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        elif code in _JPEG_NO_LENGTH:
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", content, at + 2)[0]


def _gif_size(content: bytes) -> tuple[int, int]:
    if content[:6] not in (b"GIF87a", b"GIF89a") or content.rstrip(b"\x00")[-1:] != b";":
        raise ValueError
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _webp_size(content: bytes) -> tuple[int, int]:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise ValueError
    if struct.unpack_from("<I", content, 4)[0] + 8 > len(content):
        raise ValueError
    match content[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            sides = [int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27)]
            return sides[0], sides[1]
        case _:
            raise ValueError


_SIZES = {
    "image/png": _png_size,
    "image/jpeg": _jpeg_size,
    "image/gif": _gif_size,
    "image/webp": _webp_size,
}
VISIBLE = frozenset(_SIZES)


def visible_images(bundle: Mapping[str, Any]) -> list[Image]:
    """The first image of a MIME bundle that a model can see, if any."""
    images = (image_of_base64(kind, bundle[kind]) for kind in _SIZES if kind in bundle)
    return [image for image in images if not image.problem][:1]
