"""What all views of the API have in common: parse, call one command or query, render."""

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.actors import Actor
from apps.api.authentication import actor_of
from apps.api.fields import StrictSerializer
from apps.api.parsers import JsonParser
from apps.api.schema import ApiSchema


class JsonForAll(BaseContentNegotiation):
    """JSON, whatever the caller accepts, and `?format=` is ours to use."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class LengthRequired(APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "Send the length of the body (Content-Length) instead of chunks."


class ApiView(APIView):
    parser_classes: Sequence[Any] = (JsonParser,)
    content_negotiation_class = JsonForAll
    metadata_class = None
    # Whether the view reads a body without a length as it arrives.
    takes_chunks = False
    schema = ApiSchema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        is_chunked = "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers
        if is_chunked and not self.takes_chunks:
            raise LengthRequired  # DRF would take it for an empty body

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def body(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """The validated body."""
        return _validated(serializer, self.request.data)

    def query(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """The validated query string."""
        return _validated(serializer, self.request.query_params.dict())


def _validated(serializer: type[StrictSerializer], data: Any) -> dict[str, Any]:
    parsed = serializer(data=data)
    parsed.is_valid(raise_exception=True)
    validated: dict[str, Any] = parsed.validated_data
    return validated
