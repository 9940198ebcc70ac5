"""How large an image is, by its own header: None of what no decoder takes, because it is broken or another kind. Pure.

Sources: the PNG, JPEG (T.81), GIF89a and WebP formats.
"""

import struct
import zlib

_JPEG_NO_LENGTH = {0x01, *range(0xD0, 0xD9)}
_JPEG_NO_FRAME = {0xC4, 0xC8, 0xCC}  # among 0xC0 to 0xCF


def image_size(media_type: str, content: bytes) -> tuple[int, int] | None:
    """`(width, height)` in pixels."""
    read = _SIZES.get(media_type)
    try:
        return read(content) if read else None
    except (struct.error, IndexError, ValueError):
        return None


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
SIZED_TYPES = tuple(_SIZES)
