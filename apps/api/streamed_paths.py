"""Which requests have a body that is handled while it arrives. The web server asks, before there is a Django."""

_END = b"/files/content/"


def is_streamed(method: bytes, path: bytes) -> bool:
    """Of the path with or without its query."""
    return method in (b"PUT", b"POST") and path.partition(b"?")[0].endswith(_END)
