"""How drf-spectacular describes the API: all calls may answer with an error; tokens are bearer tokens."""

from collections.abc import Callable
from typing import Any, Literal

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from apps.api.responses import Error


class ApiSchema(AutoSchema):
    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        describe: Callable[..., Any] = self._get_response_for_code
        bodies: dict[str, Any] = super()._get_response_bodies(direction=direction)
        return bodies | {"default": describe(Error, "default", direction=direction)}


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apps.api.authentication.BearerTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API token of a user."}


class HeaderSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.api.authentication.HeaderSessionAuthentication"
    name = "cookieAuthAndHeader"
