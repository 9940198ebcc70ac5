"""The URL of a database, taken apart once. It may hold a password, so no error says a word of it.

A URL whose dialect is a kind of its own becomes that kind, whatever driver it names. Any other is one of SQLAlchemy,
which goes to a driver that is not known here as a whole: only if an administrator has allowed its dialect, and with no
options but those that the administrator has named.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings

from apps.base.errors import Invalid
from apps.data.addresses import checked_host, checked_options, checked_part, checked_port, checked_secret
from apps.data.models import MAX_PART_CHARS, ConnectionKind

MAX_URL_CHARS = 2_000

_KINDS = {
    "postgresql": ConnectionKind.POSTGRESQL,
    "postgres": ConnectionKind.POSTGRESQL,
    "mysql": ConnectionKind.MYSQL,
    "mariadb": ConnectionKind.MYSQL,
}
_FILES = ("sqlite", "duckdb")

_SHOWABLE = re.compile(r"[a-z][a-z0-9_+]{0,39}")


@dataclass(frozen=True)
class Address:
    """What a URL says. `secret` is not shown, whatever becomes of the value.

    Of `ConnectionKind.SQLALCHEMY` the secret is the whole URL, `dialect` is how it begins, as in `trino` or
    `mssql+pymssql`, and user and options are nowhere else.
    """

    kind: ConnectionKind
    host: str
    port: int | None
    database: str
    user: str = ""
    dialect: str = ""
    options: dict[str, str] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


def address_of(url: str) -> Address:
    """Invalid, without a word of the URL, which holds a password."""
    url = url.strip()
    dialect, is_url, _ = url.partition("://")
    dialect = dialect.lower()
    if not is_url or "#" in url:
        raise _bad("The URL cannot be read.")
    name = dialect.partition("+")[0]
    if name in _FILES:
        raise Invalid("Files are kinds of their own: choose the kind and give the file's path.", field="url")
    return _of_a_kind(url, _KINDS[name]) if name in _KINDS else _of_sqlalchemy(url, dialect)


def _of_a_kind(url: str, kind: ConnectionKind) -> Address:
    try:
        parts = urlsplit(url)
        port = parts.port
        host = unquote(parts.hostname or "")
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _bad("The URL cannot be read.") from None
    if "," in parts.netloc or len(pairs) != len(dict(pairs)):
        raise _bad("The URL names more than one server, or an option twice.")
    if parts.netloc.count("@") > 1:
        raise _bad("The URL has more than one @.")
    return Address(
        kind=kind,
        host=checked_host(host),
        port=checked_port(port),
        database=checked_part(unquote(parts.path.removeprefix("/")), "database"),
        user=checked_part(unquote(parts.username or ""), "user"),
        options=checked_options(kind, dict(pairs)),
        secret=checked_secret(unquote(parts.password or "")),
    )


def _of_sqlalchemy(url: str, dialect: str) -> Address:
    """Read by SQLAlchemy itself, and kept as it wrote it again: what was looked at is what a driver gets."""
    allowed = settings.SQLALCHEMY_DIALECTS.get(dialect)
    if allowed is None:
        shown = dialect if _SHOWABLE.fullmatch(dialect) else "this dialect"
        raise Invalid(
            f"There is no kind of database called {shown} here. If it is a dialect of SQLAlchemy, an administrator can "
            "install its package and allow it with NOTEBOOK_SQLALCHEMY_DIALECTS.",
            field="url",
        )
    parts = _parsed(url)
    host = checked_host(parts.host or "")
    for name, value in parts.query.items():
        if name not in allowed:
            usable = f"can be {', '.join(allowed)}" if allowed else "there are none"
            raise Invalid(
                f"The URL has an option that is not allowed: for {dialect} options {usable}. An administrator can "
                "allow others with NOTEBOOK_SQLALCHEMY_DIALECTS.",
                field="url",
            )
        if not isinstance(value, str) or not value.isprintable() or len(value) > MAX_PART_CHARS:
            raise Invalid(f"The option {name} stands in the URL once, with a text of one line.", field="url")
    checked_part(parts.username or "", "user")
    checked_secret(parts.password or "")
    return Address(
        kind=ConnectionKind.SQLALCHEMY,
        dialect=dialect,
        host=host,
        port=checked_port(parts.port),
        database=checked_part(parts.database or "", "database"),
        secret=parts.set(drivername=dialect, host=host).render_as_string(hide_password=False),
    )


def _parsed(url: str) -> Any:
    # It takes 0.2 s, and few servers have such a connection.
    from sqlalchemy import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    if len(url) > MAX_URL_CHARS or not url.isprintable() or " " in url:
        raise _bad(f"A URL has at most {MAX_URL_CHARS:,} characters, and no blanks.")
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise _bad("The URL cannot be read.") from None


def _bad(problem: str) -> Invalid:
    form = "postgresql://user:password@db.example.com:5432/database"
    return Invalid(f"{problem} It has to look like {form}.", field="url")
