"""The parts of a connection as people give them, and what each of them may be."""

from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings

from apps.base.errors import Invalid
from apps.base.text import check_storable
from apps.data.addresses import checked_host, checked_options, checked_part, checked_port, checked_secret
from apps.data.models import FILES, Connection, ConnectionKind
from apps.data.sealing import sealed
from apps.data.urls import address_of
from apps.kernels.workspace_files import place_of
from apps.notebooks.connection_names import MAX_NAME_CHARS

MAX_QUERIES = 100


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What is None stays as it is. `url` gives kind, host, port, database, user, options and secret at once; of the
    kind `sqlalchemy` there is no other way to give them.
    """

    name: str | None = None
    kind: str | None = None
    url: str | None = None
    host: str | None = None
    port: int | None = None
    database: str | None = None
    user: str | None = None
    options: dict[str, str] | None = None
    secret: str | None = None
    is_read_only: bool | None = None
    timeout_s: int | None = None
    max_queries: int | None = None

    def __repr__(self) -> str:
        """Without what may hold a password."""
        told = [field.name for field in fields(self) if getattr(self, field.name) is not None]
        return f"Parts({', '.join(told)})"


def set_parts(connection: Connection, parts: Parts) -> list[str]:
    """Put the parts into the connection, which is not saved; the names of those that have changed.

    Invalid if they do not fit. A password goes with the server that it is for: at another one it is asked for again,
    or whoever may change an address could have it sent to a server of theirs.
    """
    before = _values(connection)
    _set_address(connection, parts)
    if parts.name is not None:
        connection.name = _checked_name(parts.name)
    if parts.is_read_only is not None:
        connection.is_read_only = parts.is_read_only
    if parts.timeout_s is not None:
        connection.timeout_s = _within("timeout_s", parts.timeout_s, settings.QUERY_MAX_TIMEOUT_S)
    if parts.max_queries is not None:
        connection.max_queries = _within("max_queries", parts.max_queries, MAX_QUERIES)
    after = _values(connection)
    return [name for name in after if after[name] != before[name]]


def _set_address(connection: Connection, parts: Parts) -> None:
    place = (connection.kind, connection.host, connection.port, connection.user)
    secret = parts.secret
    if parts.url:
        address = address_of(parts.url)
        connection.kind, connection.dialect = address.kind, address.dialect
        connection.host, connection.port = address.host, address.port
        connection.database, connection.user = address.database, address.user
        connection.options = address.options
        if address.kind == ConnectionKind.SQLALCHEMY and secret:
            raise Invalid("The password of such a connection is a part of its URL.", field="secret")
        secret = secret or address.secret or None
    elif (parts.kind or connection.kind) == ConnectionKind.SQLALCHEMY:
        _check_url_stays(connection, parts)
        return
    else:
        connection.dialect = ""
        _set_single_parts(connection, parts)
    if connection.kind in FILES:
        connection.host, connection.port, connection.user = "", None, ""
        connection.options, secret = {}, ""
        folders, name = place_of(connection.database)
        connection.database = "/".join([*folders, name])
    elif (connection.kind, connection.host, connection.port, connection.user) != place and secret is None:
        secret = ""
    if secret is not None:
        is_url = connection.kind == ConnectionKind.SQLALCHEMY
        connection.sealed_secret = sealed(secret if is_url else checked_secret(secret))


def _check_url_stays(connection: Connection, parts: Parts) -> None:
    """Invalid if there is none yet, or if a part of it was given: nobody sees the rest, so it is given as a whole."""
    given = (parts.host, parts.port, parts.database, parts.user, parts.options, parts.secret)
    if connection.kind != ConnectionKind.SQLALCHEMY or any(given):
        raise Invalid(
            "Give the whole URL, such as dialect+driver://user:password@db.example.com:1234/database.",
            field="url",
        )


def _set_single_parts(connection: Connection, parts: Parts) -> None:
    if parts.kind is not None:
        if parts.kind not in ConnectionKind.values:
            raise Invalid(f"kind must be one of {', '.join(ConnectionKind.values)}.", field="kind")
        connection.kind = parts.kind
    if not connection.kind:
        raise Invalid("Give the kind of the database, or a URL.", field="kind")
    if parts.database is not None:
        is_file = connection.kind in FILES
        connection.database = parts.database if is_file else checked_part(parts.database, "database")
    if connection.kind in FILES:
        return
    connection.host = checked_host(parts.host if parts.host is not None else connection.host)
    connection.port = checked_port(parts.port) if parts.port is not None else connection.port
    if parts.user is not None:
        connection.user = checked_part(parts.user, "user")
    options = parts.options if parts.options is not None else connection.options
    connection.options = checked_options(ConnectionKind(connection.kind), options)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME_CHARS:
        raise Invalid(f"A connection's name has 1 to {MAX_NAME_CHARS} characters.", field="name")
    check_storable(name, field="name")
    return name


def _within(name: str, value: int, maximum: int) -> int:
    if not 1 <= value <= maximum:
        raise Invalid(f"{name} is a number from 1 to {maximum:,}.", field=name)
    return value


def _values(connection: Connection) -> dict[str, Any]:
    """What people set; of the password only that it is another."""
    names = (
        "name",
        "kind",
        "dialect",
        "host",
        "port",
        "database",
        "user",
        "options",
        "is_read_only",
        "timeout_s",
    )
    values = {name: getattr(connection, name) for name in (*names, "max_queries")}
    return values | {"secret": connection.sealed_secret}
