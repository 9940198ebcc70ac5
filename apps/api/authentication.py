"""Who calls: a program by its bearer token, or a page by its session. And who that makes in a command."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.actors import Actor, token_actor, user_actor
from apps.accounts.models import ApiToken, User
from apps.base.errors import Unauthenticated

SCHEME = "Bearer"


class BearerTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. Sets `request.auth` to the token."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None if the request has no bearer token, so that the session counts."""
        scheme, _, secret = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        token = ApiToken.objects.find(secret.strip().decode(errors="replace"))
        if token is None:
            raise AuthenticationFailed(
                "This token is unknown or revoked. An administrator can issue another."
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What makes the answer 401 instead of 403."""
        return f'{SCHEME} realm="Tandem"'


class HeaderSessionAuthentication(SessionAuthentication):
    """The CSRF token is taken from the header alone: to look for it in a form, Django would read all of it."""

    def enforce_csrf(self, request: Any) -> None:
        plain = request._request
        plain._post, plain._files = QueryDict(), MultiValueDict()
        super().enforce_csrf(plain)


def actor_of(request: Request) -> Actor:
    """The actor of an authenticated request."""
    user: User | AnonymousUser = request.user
    if isinstance(request.auth, ApiToken):
        return token_actor(request.auth)
    if isinstance(user, User):
        return user_actor(user)
    raise Unauthenticated("Log in first, or send a token.")
