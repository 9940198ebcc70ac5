"""What a title, a kind and a source may be. Invalid and TooLarge say what to do."""

from django.conf import settings

from apps.base.errors import Invalid, TooLarge
from apps.base.text import is_storable
from apps.notebooks.models import MAX_TITLE_CHARS, CellKind


def checked_title(title: str) -> str:
    title = " ".join(title.split())
    longest = MAX_TITLE_CHARS
    if not title:
        raise Invalid("A notebook needs a title.", field="title")
    if len(title) > longest:
        raise Invalid(f"A title has at most {longest} characters; this one has {len(title)}.", field="title")
    return _storable(title, "title")


def checked_kind(kind: str) -> str:
    if kind not in CellKind.values:
        raise Invalid(f"kind must be one of {', '.join(CellKind.values)}.", field="kind")
    return kind


def checked_source(source: str) -> str:
    if len(source) > settings.MAX_SOURCE_CHARS:
        raise TooLarge(f"A cell holds at most {settings.MAX_SOURCE_CHARS:,} characters.", field="source")
    return _storable(source, "source")


def _storable(text: str, field: str) -> str:
    if not is_storable(text):
        raise Invalid("Text must not contain NUL characters or lone surrogates.", field=field)
    return text
