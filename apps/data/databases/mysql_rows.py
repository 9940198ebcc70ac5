"""Rows of MySQL's binary protocol as columns of Arrow, read off the driver's socket.

The driver is Python, and takes each value of each row apart by itself: 38 µs for a row of ten columns. Here a packet is
taken apart with what is known of all of them, and what is of one type is converted at once.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html
"""

import datetime
import struct
from collections.abc import Callable, Sequence
from typing import Any

from mysql.connector import FieldType
from mysql.connector.constants import FieldFlag
from mysql.connector.errors import OperationalError, get_exception

# Of one call of the system.
_RECEIVED_BYTES = 2**18
_HEADER_BYTES = 4
# A packet that is so long goes on in the next.
_MAX_PACKET_BYTES = 2**24 - 1

_LOST = 2013

_FIXED = {
    FieldType.TINY: "b",
    FieldType.SHORT: "h",
    FieldType.YEAR: "H",
    FieldType.INT24: "i",
    FieldType.LONG: "i",
    FieldType.LONGLONG: "q",
    FieldType.FLOAT: "f",
    FieldType.DOUBLE: "d",
}
_DATES = (FieldType.DATE, FieldType.DATETIME, FieldType.TIMESTAMP)

_DATE = struct.Struct("<HBB")
_SECONDS = struct.Struct("<HBBBBB")
_MICROSECONDS = struct.Struct("<HBBBBBI")
_TIME = struct.Struct("<?IBBB")


class RowReader:
    """Of one answer, from its first row. `columns` are those of the cursor's description."""

    def __init__(self, sock: Any, columns: Sequence[Any]) -> None:
        self._sock = sock
        self._received = bytearray()
        self._place = 0
        self._is_over = False
        self._bitmap_bytes = (len(columns) + 9) // 8
        self._no_nulls = bytes(self._bitmap_bytes)
        self._columns = [(_format(column), column[1]) for column in columns]
        self._steps = _steps(self._columns)

    def rows(self, count: int) -> list[tuple[Any, ...]]:
        """The next ones, fewer only if they are the last. Texts are bytes. mysql.connector.Error, OSError."""
        found: list[tuple[Any, ...]] = []
        while len(found) < count and not self._is_over:
            packet = self._packet()
            if packet[0] == 0:
                found.append(self._row(packet))
            elif packet[0] == 254:
                self._is_over = True
            else:
                raise get_exception(b"\0\0\0\0" + packet)
        return found

    def _row(self, packet: bytes) -> tuple[Any, ...]:
        place = 1 + self._bitmap_bytes
        bitmap = packet[1:place]
        values: list[Any] = []
        if bitmap == self._no_nulls:
            for step in self._steps:
                place = step(packet, place, values)
        else:
            for number, (kind, field_type) in enumerate(self._columns, 2):
                if bitmap[number >> 3] & (1 << (number & 7)):
                    values.append(None)
                else:
                    place = _step(kind, field_type)(packet, place, values)
        return tuple(values)

    def _packet(self) -> bytes:
        """What is in the next one, or in several that belong together."""
        packet, is_long = self._part()
        while is_long:
            rest, is_long = self._part()
            packet += rest
        return packet

    def _part(self) -> tuple[bytes, bool]:
        self._need(_HEADER_BYTES)
        start = self._place + _HEADER_BYTES
        size = int.from_bytes(self._received[self._place : start - 1], "little")
        self._need(_HEADER_BYTES + size)
        start = self._place + _HEADER_BYTES
        self._place = start + size
        return bytes(self._received[start : self._place]), size == _MAX_PACKET_BYTES

    def _need(self, size: int) -> None:
        if len(self._received) - self._place >= size:
            return
        del self._received[: self._place]
        self._place = 0
        while len(self._received) < size:
            received = self._sock.recv(_RECEIVED_BYTES)
            if not received:
                raise OperationalError(errno=_LOST)
            self._received += received


_Step = Callable[[bytes, int, list[Any]], int]
"""Takes values off a packet from a place on, puts them to the others, and gives the place after them."""


def _format(column: Any) -> str:
    """Of `struct`; empty: a text or a date, which has its length before it."""
    letter = _FIXED.get(column[1], "")
    return letter.upper() if letter in "bhiq" and column[7] & FieldFlag.UNSIGNED else letter


def _steps(columns: Sequence[tuple[str, int]]) -> list[_Step]:
    """Of a row without NULLs: neighbours of fixed length are one step."""
    steps: list[_Step] = []
    run = ""
    for kind, field_type in columns:
        if kind:
            run += kind
            continue
        if run:
            steps.append(_fixed(run))
            run = ""
        steps.append(_step(kind, field_type))
    return [*steps, _fixed(run)] if run else steps


def _step(kind: str, field_type: int) -> _Step:
    if kind:
        return _FIXED_STEPS[kind]
    if field_type in _DATES:
        return _date if field_type == FieldType.DATE else _moment
    return _duration if field_type == FieldType.TIME else _text


def _fixed(kinds: str) -> _Step:
    layout = struct.Struct(f"<{kinds}")

    def step(packet: bytes, place: int, values: list[Any]) -> int:
        values += layout.unpack_from(packet, place)
        return place + layout.size

    return step


_FIXED_STEPS = {
    kind: _fixed(kind) for letter in _FIXED.values() for kind in (letter, letter.upper()) if kind not in "FD"
}


def _text(packet: bytes, place: int, values: list[Any]) -> int:
    size = packet[place]
    place += 1
    if size > 250:
        bytes_of_size = {252: 2, 253: 3, 254: 8}[size]
        size = int.from_bytes(packet[place : place + bytes_of_size], "little")
        place += bytes_of_size
    end = place + size
    values.append(packet[place:end])
    return end


def _date(packet: bytes, place: int, values: list[Any]) -> int:
    """None of 0000-00-00 and its like, which are no date of anybody's."""
    size = packet[place]
    try:
        values.append(datetime.date(*_DATE.unpack_from(packet, place + 1)) if size else None)
    except ValueError:
        values.append(None)
    return place + 1 + size


def _moment(packet: bytes, place: int, values: list[Any]) -> int:
    size = packet[place]
    layout = {4: _DATE, 7: _SECONDS, 11: _MICROSECONDS}.get(size)
    try:
        values.append(datetime.datetime(*layout.unpack_from(packet, place + 1)) if layout else None)
    except ValueError:
        values.append(None)
    return place + 1 + size


def _duration(packet: bytes, place: int, values: list[Any]) -> int:
    """Sign, days, hours, minutes, seconds and, if there are any, microseconds."""
    size = packet[place]
    if not size:
        values.append(datetime.timedelta())
        return place + 1
    sign, days, hours, minutes, seconds = _TIME.unpack_from(packet, place + 1)
    rest = int.from_bytes(packet[place + 9 : place + 1 + size], "little")
    whole = datetime.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=rest)
    values.append(-whole if sign else whole)
    return place + 1 + size
