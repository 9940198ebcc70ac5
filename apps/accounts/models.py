"""Users with their preferences, their API tokens and login links, and their roles in notebooks."""

import hashlib
import secrets
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone


class Theme(models.TextChoices):
    SYSTEM = "system", "System"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class CodeSize(models.TextChoices):
    SMALL = "small", "Small"
    MEDIUM = "medium", "Medium"
    LARGE = "large", "Large"
    HUGE = "huge", "Huge"


class KeyMap(models.TextChoices):
    """Keys in the text of a cell; those of the notebook are the same with each."""

    JUPYTER = "jupyter", "Jupyter"
    VIM = "vim", "Vim"
    EMACS = "emacs", "Emacs"


class User(AbstractUser):
    """A person. Sign-up is closed: an administrator adds people in Django admin."""

    # How the pages look and feel to this person; see `preferences.py`.
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    code_size = models.CharField(max_length=10, choices=CodeSize.choices, default=CodeSize.MEDIUM)
    key_map = models.CharField(max_length=10, choices=KeyMap.choices, default=KeyMap.JUPYTER)
    has_line_numbers = models.BooleanField(default=False)


def digest(secret: str) -> str:
    """What is stored of a secret. The secrets are 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiTokenManager(models.Manager["ApiToken"]):
    def issue(self, user: User, name: str, secret: str | None = None) -> tuple["ApiToken", str]:
        """A new token and its secret, which is shown once and never stored."""
        secret = secret or f"tandem_{secrets.token_urlsafe(32)}"
        token = self.create(user=user, name=name, digest=digest(secret), prefix=secret[:10])
        return token, secret

    def find(self, secret: str) -> "ApiToken | None":
        """The live token of an active user, or None."""
        return (
            self.select_related("user")
            .filter(digest=digest(secret), revoked_at=None, user__is_active=True)
            .first()
        )


class ApiToken(models.Model):
    """A bearer token for REST and sockets. It has the rights of its user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=10, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenManager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class LoginLinkManager(models.Manager["LoginLink"]):
    def issue(self, user: User) -> str:
        """The secret of a link that logs `user` in once."""
        secret = secrets.token_urlsafe(32)
        expires_at = timezone.now() + timedelta(seconds=settings.LOGIN_LINK_TTL_S)
        self.create(user=user, digest=digest(secret), expires_at=expires_at)
        return secret

    def redeem(self, secret: str) -> User | None:
        """Use the link up; its user, or None if it is unknown, used, expired or the user is not active."""
        now = timezone.now()
        link = (
            self.select_related("user")
            .filter(digest=digest(secret), expires_at__gt=now, user__is_active=True)
            .first()
        )
        # Without a join, or PostgreSQL would look for unused links once, before it waits for the others.
        if link is None or self.filter(pk=link.pk, used_at=None).update(used_at=now) != 1:
            return None
        return link.user


class LoginLink(models.Model):
    """A one-time login, printed by `manage.py up` for the first administrator."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_links")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = LoginLinkManager()

    def __str__(self) -> str:
        return f"login link of {self.user}"


class Role(models.TextChoices):
    """What someone may do in a notebook; each role may do what those before it may."""

    VIEWER = "viewer", "viewer"
    EDITOR = "editor", "editor"
    OWNER = "owner", "owner"

    def allows(self, needed: "Role") -> bool:
        ranks: list[Self] = list(type(self))
        return ranks.index(self) >= ranks.index(needed)


class Membership(models.Model):
    """One person's role in one notebook. Read it through `access.py`.

    `opened_at` is when they had its page before them last; null: never.
    """

    notebook = models.ForeignKey("notebooks.Notebook", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    opened_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("notebook", "user"), name="one_role_per_notebook_and_user"),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
