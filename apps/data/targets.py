"""Where the queries of a connection go. The one place where its password is in the clear."""

from apps.data.addresses import resolved
from apps.data.databases.database import Target
from apps.data.databases.kinds import database_kind
from apps.data.models import Connection
from apps.data.sealing import opened


def target_of(connection: Connection) -> Target:
    """Where its queries go, resolved now. Invalid or Unavailable, in words for people."""
    port = connection.port or database_kind(connection.kind).default_port
    return Target(
        host=connection.host,
        address=resolved(connection.host, port),
        port=port,
        database=connection.database,
        user=connection.user,
        options=connection.options,
        is_read_only=connection.is_read_only,
        timeout_s=connection.timeout_s,
        secret=opened(connection.sealed_secret),
    )
