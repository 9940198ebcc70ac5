"""Texts counted in UTF-16 units, as browsers count: "😀" is two. All text here is storable: no surrogate is alone."""

from apps.base.errors import Invalid

_BYTES_PER_UNIT = 2


def unit_count(text: str) -> int:
    return len(text) if text.isascii() else len(_encoded(text)) // _BYTES_PER_UNIT


def cut(text: str, start: int, end: int) -> str:
    """The units from `start` to `end`. Invalid if one of them is within a character."""
    return text[start:end] if text.isascii() else Utf16Text(text).read(start, end)


class Utf16Text:
    """A text that is read and changed in place, by positions in UTF-16 units. Invalid for one within a character."""

    def __init__(self, text: str) -> None:
        self._bytes = bytearray(_encoded(text))

    def __len__(self) -> int:
        return len(self._bytes) // _BYTES_PER_UNIT

    def __str__(self) -> str:
        return self.read(0, len(self))

    def read(self, start: int, end: int) -> str:
        try:
            return self._bytes[start * _BYTES_PER_UNIT : end * _BYTES_PER_UNIT].decode("utf-16-le")
        except UnicodeDecodeError:
            raise _cut_in_two() from None

    def replace(self, start: int, end: int, text: str) -> None:
        if self._is_within_a_character(start) or self._is_within_a_character(end):
            raise _cut_in_two()
        self._bytes[start * _BYTES_PER_UNIT : end * _BYTES_PER_UNIT] = _encoded(text)

    def _is_within_a_character(self, position: int) -> bool:
        # The unit after it is a low surrogate: its high byte, the second one, is 0xDC to 0xDF.
        return position < len(self) and self._bytes[position * _BYTES_PER_UNIT + 1] & 0xFC == 0xDC


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-le")


def _cut_in_two() -> Invalid:
    return Invalid("The change cuts a character (a surrogate pair) in two.")
