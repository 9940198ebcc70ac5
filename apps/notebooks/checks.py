"""What a title, a kind and a source may be. Invalid and TooLarge say what to do."""

from collections.abc import Iterable

from django.conf import settings

from apps.base.errors import Invalid, TooLarge
from apps.base.text import check_storable, storable
from apps.base.wire import JsonObject, dumps
from apps.dataflow.sql_program import is_result_name
from apps.notebooks.models import MAX_TAG_CHARS, MAX_TITLE_CHARS, CellKind, Mode

MAX_TAGS = 20
MAX_CACHE_SECONDS = 24 * 3600
MAX_METADATA_CHARS = 100_000


def checked_title(title: str, *, field: str = "title") -> str:
    """One line of text: the title of a notebook, or, in the field `name`, the name of something in it."""
    title = " ".join(title.split())
    if not title:
        raise Invalid(f"A {field} needs at least one character.", field=field)
    if len(title) > MAX_TITLE_CHARS:
        raise Invalid(
            f"A {field} has at most {MAX_TITLE_CHARS} characters; this one has {len(title)}.", field=field
        )
    check_storable(title, field=field)
    return title


def checked_tags(tags: Iterable[str]) -> list[str]:
    """Each once, in the order given; a tag is one line of at most 40 characters, and without a comma."""
    checked: list[str] = []
    for tag in tags:
        words = " ".join(tag.split())
        if not words or len(words) > MAX_TAG_CHARS or "," in words:
            raise Invalid(f"A tag has 1 to {MAX_TAG_CHARS} characters, and no comma.", field="tags")
        check_storable(words, field="tags")
        if words not in checked:
            checked.append(words)
    if len(checked) > MAX_TAGS:
        raise Invalid(f"A notebook has at most {MAX_TAGS} tags.", field="tags")
    return checked


def checked_kind(kind: str) -> str:
    if kind not in CellKind.values:
        raise Invalid(f"kind must be one of {', '.join(CellKind.values)}.", field="kind")
    return kind


def checked_result_name(name: str) -> str:
    if not is_result_name(name):
        raise Invalid(
            "The result needs a name of Python's that does not begin with _, such as sales.",
            field="result_name",
        )
    return name


def checked_cache_seconds(seconds: int) -> int:
    if not is_cache_time(seconds):
        raise Invalid(
            f"Answers are kept for 0 (each run asks) to {MAX_CACHE_SECONDS:,} seconds.", field="cache_seconds"
        )
    return seconds


def is_cache_time(seconds: int) -> bool:
    """Whether the answer of a database can be kept for so long."""
    return not isinstance(seconds, bool) and 0 <= seconds <= MAX_CACHE_SECONDS


def checked_metadata(metadata: JsonObject) -> JsonObject:
    """What the metadata of a cell may be that is not from a file."""
    size = len(dumps(metadata))
    if size > MAX_METADATA_CHARS:
        raise TooLarge(
            f"The metadata of a cell has at most {MAX_METADATA_CHARS:,} characters; this has {size:,}.",
            field="metadata",
        )
    stored: JsonObject = storable(metadata)
    return stored


def checked_mode(mode: str) -> str:
    if mode not in Mode.values:
        raise Invalid(f"mode must be one of {', '.join(Mode.values)}.", field="mode")
    return mode


def checked_source(source: str) -> str:
    if len(source) > settings.MAX_SOURCE_CHARS:
        raise TooLarge(f"A cell holds at most {settings.MAX_SOURCE_CHARS:,} characters.", field="source")
    check_storable(source, field="source")
    return source
