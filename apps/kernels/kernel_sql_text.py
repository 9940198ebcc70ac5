"""A statement as it is sent to a database: the cell's own text, and what stands there for the values of its braces.
So a place that the database complains of leads back to the cell. Pure; for kernels, and for the server too.
"""

from bisect import bisect_right

# A longer line is only named.
MAX_LINE_CHARS = 1_000


class StatementText:
    """Put together from front to back. Places are in characters, from 0."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._sent_chars = 0
        self._cell_texts: list[str] = []
        self._cell_chars = 0
        self._parts: list[tuple[int, int, bool]] = []
        """Where each begins in the statement and in the cell, and whether it is the cell's own."""

    def __str__(self) -> str:
        return "".join(self._texts)

    @property
    def cell_text(self) -> str:
        return "".join(self._cell_texts)

    def add(self, text: str) -> None:
        """Of the cell, as it stands there."""
        self._append(text, text, is_own=True)

    def put(self, text: str, *, instead_of: str = "") -> None:
        """In place of this in the cell."""
        self._append(text, instead_of, is_own=False)

    def place_in_cell(self, place: int) -> int:
        """Of a place in the statement; of what stands there for something, where that begins."""
        index = bisect_right(self._parts, place, key=lambda part: part[0]) - 1
        if index < 0:
            return 0
        start, in_cell, is_own = self._parts[index]
        return min(in_cell + (place - start if is_own else 0), self._cell_chars)

    def _append(self, text: str, cell_text: str, *, is_own: bool) -> None:
        self._parts.append((self._sent_chars, self._cell_chars, is_own))
        self._texts.append(text)
        self._cell_texts.append(cell_text)
        self._sent_chars += len(text)
        self._cell_chars += len(cell_text)


def line_at(text: str, place: int) -> int:
    """The number of the line, from 1."""
    return text.count("\n", 0, place) + 1


def pointed_at(text: str, place: int, execution_count: int) -> list[str]:
    """The place in the text of a cell, in the form of IPython's tracebacks, whose lines lead to those of cells."""
    line = line_at(text, place)
    start = text.rfind("\n", 0, place) + 1
    shown = text[start:].partition("\n")[0]
    head = f"Cell In[{execution_count}], line {line}, column {place - start + 1}"
    if len(shown) > MAX_LINE_CHARS:
        return [head]
    arrow = f"----> {line} "
    blanks = "".join("\t" if letter == "\t" else " " for letter in shown[: place - start])
    return [head, f"{arrow}{shown}", f"{' ' * len(arrow)}{blanks}^"]
