"""What a title, a kind and a source may be. Invalid and TooLarge say what to do."""

from django.conf import settings

from apps.base.errors import Invalid, TooLarge
from apps.base.text import check_storable
from apps.notebooks.models import MAX_TITLE_CHARS, CellKind


def checked_title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Invalid("A notebook needs a title.", field="title")
    if len(title) > MAX_TITLE_CHARS:
        raise Invalid(
            f"A title has at most {MAX_TITLE_CHARS} characters; this one has {len(title)}.", field="title"
        )
    check_storable(title, field="title")
    return title


def checked_kind(kind: str) -> str:
    if kind not in CellKind.values:
        raise Invalid(f"kind must be one of {', '.join(CellKind.values)}.", field="kind")
    return kind


def checked_source(source: str) -> str:
    if len(source) > settings.MAX_SOURCE_CHARS:
        raise TooLarge(f"A cell holds at most {settings.MAX_SOURCE_CHARS:,} characters.", field="source")
    check_storable(source, field="source")
    return source
