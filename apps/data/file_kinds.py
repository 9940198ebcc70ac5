"""What a file is. By what is in it, and only then by its name: code in cells, or a stranger's archive, has named it."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PAR1", "parquet"),
)


def file_kind(path: str, head: bytes) -> str:
    """A media type of images, or `parquet`, `csv`, `text` or `binary`."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if b"\x00" in head:
        return "binary"
    return "csv" if path.lower().endswith((".csv", ".tsv")) else "text"
