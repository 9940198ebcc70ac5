"""Where the queries of a connection go. The one place where its password is in the clear."""

from apps.base.errors import Invalid
from apps.data.addresses import resolved
from apps.data.databases.database import Target
from apps.data.databases.kinds import database_kind
from apps.data.models import Connection, ConnectionKind
from apps.data.sealing import opened
from apps.data.urls import address_of


def target_of(connection: Connection) -> Target:
    """Where its queries go, resolved now. Invalid or Unavailable, in words for people."""
    port = connection.port or database_kind(connection.kind).default_port
    secret = opened(connection.sealed_secret)
    if connection.kind == ConnectionKind.SQLALCHEMY:
        _check_url(connection, secret)
    return Target(
        host=connection.host,
        address=resolved(connection.host, port),
        port=port,
        database=connection.database,
        user=connection.user,
        options=connection.options,
        is_read_only=connection.is_read_only,
        timeout_s=connection.timeout_s,
        secret=secret,
    )


def _check_url(connection: Connection, url: str) -> None:
    """Again for each query: an administrator may have thought better of its dialect or options. Invalid."""
    address = address_of(url)
    if (address.host, address.port) != (connection.host, connection.port):
        raise Invalid("The connection's URL leads elsewhere than it says. Enter it again.", field="url")
