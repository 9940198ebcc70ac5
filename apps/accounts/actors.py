"""Who does something. Every command takes an actor; journal and audit log name it."""

from dataclasses import dataclass

from django.db import models

from apps.accounts.models import ApiToken, User


class ActorKind(models.TextChoices):
    USER = "user", "user"
    TOKEN = "token", "API token"
    ASSISTANT = "assistant", "assistant"
    SYSTEM = "system", "system"


@dataclass(frozen=True)
class Actor:
    """`user_id` is whose rights count: the user, the token's user, or the user an assistant works for."""

    kind: ActorKind
    label: str
    user_id: int | None = None

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "label": self.label}


SYSTEM = Actor(ActorKind.SYSTEM, "Tandem")


def user_actor(user: User) -> Actor:
    return Actor(ActorKind.USER, user.get_username(), user.pk)


def token_actor(token: ApiToken) -> Actor:
    return Actor(ActorKind.TOKEN, f"{token.user.get_username()} ({token.name})", token.user_id)
