from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.base.errors import Unavailable
from apps.data.models import Connection
from apps.data.sealing import sealed_again


class Command(BaseCommand):
    help = (
        "Encrypt the passwords of all connections with the first of NOTEBOOK_CONNECTION_KEYS. Put a new key in front, "
        "restart the server, run this, and then take the old key away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        ids = Connection.objects.exclude(sealed_secret="").values_list("id", flat=True)
        unreadable = [name for connection_id in list(ids) if (name := _rotate(connection_id))]
        self.stdout.write(f"{len(ids) - len(unreadable)} passwords are encrypted with the first key now.")
        if unreadable:
            raise CommandError(
                f"No key fits the passwords of {', '.join(unreadable)}. Put the key back that they were encrypted "
                "with, or have their owners enter them again."
            )


@transaction.atomic
def _rotate(connection_id: Any) -> str:
    """The name of the connection if no key fits; each in a transaction of its own, so that nobody waits long."""
    connection = Connection.objects.select_for_update().filter(id=connection_id).first()
    if connection is None or not connection.sealed_secret:
        return ""
    try:
        sealed_secret = sealed_again(connection.sealed_secret)
    except Unavailable:
        return f"{connection.name} (of {connection.owner})"
    Connection.objects.filter(id=connection.id).update(sealed_secret=sealed_secret)
    return ""
