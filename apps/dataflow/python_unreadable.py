"""What is raised where the text of a cell cannot be analysed."""


class Unreadable(Exception):
    """`line` counts from 1 in the text that was read, None if nobody knows it."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
