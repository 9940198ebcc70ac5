"""Who is at the other end of a socket: a browser with a session, or a program with a bearer token.

A browser sends cookies with any page's request, so a session counts only if the page is ours (`Origin`).
"""

from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async

from apps.accounts.actors import Actor, token_actor, user_actor
from apps.accounts.models import ApiToken

Scope = dict[str, Any]


class SocketAuthentication:
    """ASGI middleware: puts the actor, or None, into `scope["actor"]`."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._with_session = AuthMiddlewareStack(_SessionActor(application))

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            actor = await database_sync_to_async(_actor_of_token)(secret.strip())
            return await self._application({**scope, "actor": actor}, receive, send)
        if not _is_same_origin(headers):
            return await self._application({**scope, "actor": None}, receive, send)
        return await self._with_session(scope, receive, send)


class _SessionActor:
    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        user = scope["user"]
        actor = await database_sync_to_async(_actor_of_user)(user)
        return await self._application({**scope, "actor": actor}, receive, send)


def _actor_of_user(user: Any) -> Actor | None:
    # The user is a lazy object: reading it may query the session's user.
    return user_actor(user) if user.is_authenticated and user.is_active else None


def _actor_of_token(secret: str) -> Actor | None:
    token = ApiToken.objects.find(secret)
    return token_actor(token) if token else None


def _is_same_origin(headers: dict[str, str]) -> bool:
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host", "")
