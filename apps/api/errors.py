"""Every error as `{code, message, details}`, whoever raised it."""

import logging
import math
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

from apps.base.errors import (
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from apps.base.ids import new_id

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5  # what is unavailable is being started again; this is how long that takes

# The codes of answers that only HTTP has; the others are those of DomainError.
CODES = {
    status.HTTP_400_BAD_REQUEST: Invalid.code,
    status.HTTP_401_UNAUTHORIZED: Unauthenticated.code,
    status.HTTP_403_FORBIDDEN: Forbidden.code,
    status.HTTP_404_NOT_FOUND: NotFound.code,
    status.HTTP_405_METHOD_NOT_ALLOWED: "method_not_allowed",
    status.HTTP_411_LENGTH_REQUIRED: "length_required",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: TooLarge.code,
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    status.HTTP_429_TOO_MANY_REQUESTS: TooMany.code,
}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    match error:
        case DomainError():
            return _response(error)
        case exceptions.ValidationError():
            return _response(_invalid(error.detail))
        case exceptions.APIException():
            return _http_response(error)
        case Http404():
            return _response(NotFound("There is nothing at this address."))
        case PermissionDenied():
            return _response(Forbidden("You may not do this."))
        case RequestDataTooBig():
            return _response(TooLarge("The request is too large."))
        case SuspiciousOperation():
            return _response(Invalid("The request is malformed."))
        case OperationalError():
            logger.error("The database did not answer: %s", error)
            return _response(Unavailable("The database cannot be reached now. Try again in a moment."))
    return _unexpected(error, context)


def _response(error: DomainError) -> Response:
    headers = {}
    match error:
        case TooMany():
            headers["Retry-After"] = str(error.details["retry_after_s"])
        case Unavailable():
            headers["Retry-After"] = str(RETRY_AFTER_S)
    return Response(error.as_json(), status=error.http_status, headers=headers)


def _invalid(detail: Any) -> Invalid:
    """The first complaint as the message, all of them in `details.fields`."""
    fields = detail if isinstance(detail, dict) else {"non_field_errors": detail}
    name, complaints = next(iter(fields.items()))
    message = _first_text(complaints)
    return Invalid(message if name == "non_field_errors" else f"{name}: {message}", fields=fields)


def _first_text(complaints: Any) -> str:
    while isinstance(complaints, dict | list):
        complaints = next(iter(complaints.values() if isinstance(complaints, dict) else complaints))
    return str(complaints)


def _http_response(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    details: dict[str, Any] = {}
    if (wait_s := getattr(error, "wait", None)) is not None:
        details["retry_after_s"] = math.ceil(wait_s)
        headers["Retry-After"] = str(details["retry_after_s"])
    code = CODES.get(error.status_code, Invalid.code)
    body = {"code": code, "message": _first_text(error.detail), "details": details}
    return Response(body, status=error.status_code, headers=headers)


def _unexpected(error: Exception, context: dict[str, Any]) -> Response:
    """Says nothing about the cause; the log does, under the id."""
    error_id = new_id().hex[:12]
    request = context["request"]
    logger.error("Error %s in %s %s", error_id, request.method, request.path, exc_info=error)
    message = f"Something went wrong here. If it happens again, tell your administrator this id: {error_id}."
    body = {"code": "internal", "message": message, "details": {"error_id": error_id}}
    return Response(body, status=status.HTTP_500_INTERNAL_SERVER_ERROR)
