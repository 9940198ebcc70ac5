from uuid import UUID

from django.db.models.functions import Now

from apps.accounts.actors import Actor
from apps.accounts.models import Membership


def mark_opened(*, actor: Actor, notebook_id: UUID) -> None:
    """The actor has the notebook's page before them: for their own list of notebooks, and told to nobody else.

    Nothing of the document: no lock, event or audit row. Whoever is no member has no list that it could be in.
    """
    Membership.objects.filter(user=actor.user_id, notebook_id=notebook_id).update(opened_at=Now())
