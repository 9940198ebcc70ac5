"""Errors of what the kernel runs for a cell that is not Python. Imports nothing of the server."""


class CellError(Exception):
    """What is wrong, in words for whoever wrote the cell. Without a traceback: nothing of it is the cell's."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
