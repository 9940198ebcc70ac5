"""Tables as columns: what is asked of them and is the same in every library. Imported by the modules of the libraries
alone; it imports none of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from kernel_table_cells import Cell, Column, Filter, Kind, check_operation, search_value


class ColumnFrame(ABC):
    """Positions of rows are of the library's own kind; None: all, in order. A mask has a boolean for each row."""

    columns: Sequence[Column]
    row_count: int

    def rows(
        self, positions: Any, start: int, stop: int, columns: range
    ) -> tuple[list[int], list[list[Cell]]]:
        """Where the rows are in the table, and their cells."""
        if positions is None:
            stop = min(stop, self.row_count)
            found = list(range(start, stop))
            parts = [self._slice(self._part(place), start, stop) for place in columns]
        else:
            wanted = self._slice(positions, start, stop)
            found = self._listed(wanted)
            parts = [self._at(self._part(place), wanted) for place in columns]
        texts = [self._cells(part) for part in parts]
        return found, [list(row) for row in zip(*texts, strict=True)] if texts else [[] for _ in found]

    def count(self, positions: Any) -> int:
        return self.row_count if positions is None else len(positions)

    def filtered(self, positions: Any, wanted: Filter) -> Any:
        kind = self.columns[wanted.column].kind
        check_operation(kind, wanted.operation)
        return self._narrowed(positions, self._mask(self._taken(wanted.column, positions), kind, wanted))

    def searched(self, positions: Any, text: str) -> Any:
        found = self._none(self.count(positions))
        for place, column in enumerate(self.columns):
            if search_value(column.kind, text) is not None:
                operation = "contains" if column.kind in ("text", "other") else "equals"
                part = self._taken(place, positions)
                found = self._either(found, self._mask(part, column.kind, Filter(place, operation, text)))
        return self._narrowed(positions, found)

    def sorted(self, positions: Any, column: int, *, is_descending: bool) -> Any:
        """Stable, and what is missing last."""
        order = self._order(self._taken(column, positions), column, is_descending=is_descending)
        return order if positions is None else self._at(positions, order)

    def _taken(self, place: int, positions: Any) -> Any:
        part = self._part(place)
        return part if positions is None else self._at(part, positions)

    def _narrowed(self, positions: Any, mask: Any) -> Any:
        found = self._places(mask)
        return found if positions is None else self._at(positions, found)

    def _mask(self, part: Any, kind: Kind, wanted: Filter) -> Any:
        match wanted.operation:
            case "is_null":
                return self._missing(part)
            case "not_null":
                return self._inverted(self._missing(part))
            case "not_equals" | "not_contains":
                same = wanted._replace(operation=wanted.operation.removeprefix("not_"))
                return self._inverted(self._mask(part, kind, same))
        return self._matching(part, kind, wanted)

    # What the libraries do in different ways

    @abstractmethod
    def _part(self, place: int) -> Any:
        """A column."""

    @abstractmethod
    def _cells(self, part: Any) -> list[Cell]: ...

    @abstractmethod
    def _slice(self, part: Any, start: int, stop: int) -> Any:
        """Of a column or of positions, those from `start` to before `stop`, as far as there are so many."""

    @abstractmethod
    def _at(self, part: Any, positions: Any) -> Any:
        """Of a column or of positions, those at these positions."""

    @abstractmethod
    def _listed(self, positions: Any) -> list[int]: ...

    @abstractmethod
    def _order(self, part: Any, column: int, *, is_descending: bool) -> Any:
        """The positions of the values, in order."""

    @abstractmethod
    def _matching(self, part: Any, kind: Kind, wanted: Filter) -> Any:
        """The mask of an operation that compares; false where a value is missing."""

    @abstractmethod
    def _missing(self, part: Any) -> Any:
        """The mask of what is missing."""

    @abstractmethod
    def _none(self, count: int) -> Any:
        """A mask of that length, false everywhere."""

    @abstractmethod
    def _either(self, mask: Any, other: Any) -> Any: ...

    @abstractmethod
    def _inverted(self, mask: Any) -> Any: ...

    @abstractmethod
    def _places(self, mask: Any) -> Any:
        """The positions where it is true."""
