"""Request bodies in, of bounded size: Django's own bound does not hold for what DRF reads."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from apps.base.errors import TooLarge

FORM_OVERHEAD_BYTES = 2**16  # the boundaries and headers around an uploaded file


class JsonParser(BaseParser):
    """Strict JSON: no NaN, no lone surrogates, no bottomless nesting."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return orjson.loads(_bounded(stream))
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from None


class FileParser(BaseParser):
    """The body as it is: `request.data` is its bytes."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return _bounded(stream)


class NotebookFileParser(FileParser):
    media_type = "application/x-ipynb+json"


class FormParser(MultiPartParser):
    """An upload. Larger ones are refused before they are taken apart."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        length = int(parser_context["request"].META.get("CONTENT_LENGTH") or 0)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE + FORM_OVERHEAD_BYTES:
            raise _too_large()
        return super().parse(stream, media_type, parser_context)


def _bounded(stream: IO[bytes]) -> bytes:
    content = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise _too_large()
    return content


def _too_large() -> TooLarge:
    return TooLarge(f"A request may have at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20} MiB.")
