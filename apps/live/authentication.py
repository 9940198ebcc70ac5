"""Who is at the other end of a socket: a browser with a session, or a program with a bearer token.

A browser sends cookies with any page's request, so a session counts only if the page is ours (`Origin`). What let
somebody in is kept in the scope: a socket outlives a logout or a revoked token, and has to notice.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from apps.accounts.actors import Actor, token_actor, user_actor
from apps.accounts.models import ApiToken, User

Scope = dict[str, Any]


class Credential(Protocol):
    """What a socket was opened with."""

    def actor(self) -> Actor | None:
        """Who it stands for now; None if it is not valid, or not any more."""


@dataclass(frozen=True)
class TokenCredential:
    secret: str

    def actor(self) -> Actor | None:
        token = ApiToken.objects.find(self.secret)
        return token_actor(token) if token else None


@dataclass(frozen=True)
class SessionCredential:
    session_key: str

    def actor(self) -> Actor | None:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.session_key)
        user = get_user(request)
        return user_actor(user) if isinstance(user, User) and user.is_active else None


class SocketAuthentication:
    """ASGI middleware: puts the credential, or None, into `scope["credential"]`. It reads no row."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        return await self._application({**scope, "credential": _credential_in(headers)}, receive, send)


def _credential_in(headers: dict[bytes, str]) -> Credential | None:
    scheme, _, secret = headers.get(b"authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return TokenCredential(secret.strip())
    session_key = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if session_key and _is_same_origin(headers):
        return SessionCredential(session_key)
    return None


def _is_same_origin(headers: dict[bytes, str]) -> bool:
    host = headers.get(b"host", "")
    try:
        return bool(host) and urlsplit(headers.get(b"origin", "")).netloc == host
    except ValueError:
        return False
