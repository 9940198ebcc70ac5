"""The errors a user can cause, each with a stable code. Mapped once for REST, once for sockets, once for tools."""

from typing import Any, ClassVar


class DomainError(Exception):
    """What went wrong and what to do about it, in one or two sentences for the person who caused it.

    `details` is JSON that a program can act on.
    """

    code: ClassVar[str]
    http_status: ClassVar[int]

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "details": self.details}


class Invalid(DomainError):
    code = "invalid"
    http_status = 400


class Unauthenticated(DomainError):
    code = "unauthenticated"
    http_status = 401


class Forbidden(DomainError):
    code = "forbidden"
    http_status = 403


class NotFound(DomainError):
    """Also the answer to whoever may not know that the thing exists."""

    code = "not_found"
    http_status = 404


class Conflict(DomainError):
    """The change was made on an old version; `details` carries the current one."""

    code = "conflict"
    http_status = 409


class TooLarge(DomainError):
    code = "too_large"
    http_status = 413


class NoSpace(DomainError):
    """What it takes is not left, on the disk or of what one may use."""

    code = "no_space"
    http_status = 507


class TooMany(DomainError):
    """More than one may ask for in a time; `details` has `retry_after_s`."""

    code = "too_many_requests"
    http_status = 429


class Unavailable(DomainError):
    """Something the request needs cannot be had now; the message names it."""

    code = "unavailable"
    http_status = 503
