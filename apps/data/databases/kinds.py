"""The kinds of databases that the worker asks. Each driver is imported when somebody needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from apps.data.databases.database import Session, Target
from apps.data.models import ConnectionKind


@dataclass(frozen=True)
class DatabaseKind:
    open: Callable[[Target], Session]
    marker: Callable[[int], str]
    """The text that stands for the value of a number, from 1."""
    default_port: int
    """0: its driver's to know."""


def database_kind(kind: str) -> DatabaseKind:
    match ConnectionKind(kind):
        case ConnectionKind.POSTGRESQL:
            from apps.data.databases import postgresql  # noqa: PLC0415

            return DatabaseKind(postgresql.PostgresqlSession, postgresql.marker, 5432)
        case ConnectionKind.MYSQL:
            from apps.data.databases import mysql  # noqa: PLC0415

            return DatabaseKind(mysql.MysqlSession, mysql.marker, 3306)
        case ConnectionKind.SQLALCHEMY:
            from apps.data.databases import by_url  # noqa: PLC0415

            return DatabaseKind(by_url.UrlSession, by_url.marker, 0)
        case ConnectionKind.SQLITE | ConnectionKind.DUCKDB:
            raise AssertionError("Kernels open files themselves.")
        case unknown:
            assert_never(unknown)
