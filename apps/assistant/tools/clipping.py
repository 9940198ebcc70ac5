"""Long text cut down to its head and its tail. Pure."""


def clipped(text: str, limit: int) -> str:
    """At most about `limit` characters: two thirds of them from the beginning, the rest from the end."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    return f"{text[:head]}\n[… {len(text) - limit:,} characters left out …]\n{text[len(text) - tail :]}"


def beginning(text: str, limit: int) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
