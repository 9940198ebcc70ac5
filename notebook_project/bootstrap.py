"""What a database needs before the first request: its tables, an administrator, the token of the environment.

Called by `manage.py up` at every start, on several hosts perhaps, so everything here may be done already.
"""

from typing import cast

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from apps.accounts.models import ApiToken, LoginLink, User, digest
from notebook_project.processes import StartError

# Any number that nothing else locks: hosts that start together migrate one after the other.
ADVISORY_LOCK = 7_236_113
ENVIRONMENT_TOKEN_NAME = "NOTEBOOK_ADMIN_TOKEN"  # noqa: S105


def prepare_database() -> str | None:
    """Migrate, make sure that someone can log in; the path of a login link for the first administrator."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            _migrate()
            _apply_environment_token(settings.NOTEBOOK_ADMIN_TOKEN)
            return _issue_login_link()
    except DatabaseError as error:
        raise StartError(f"The database cannot be used: {str(error).strip()}") from error
    finally:
        # The lock goes with its connection, and so do the pool's threads: the supervisor forks after this.
        connection.close()
        cast(DatabaseWrapper, connection).close_pool()


def _migrate() -> None:
    """`migrate` itself takes half a second to find out that there is nothing to do."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


@transaction.atomic
def _apply_environment_token(secret: str) -> None:
    """The token in NOTEBOOK_ADMIN_TOKEN is valid, and none that was there before."""
    earlier = ApiToken.objects.filter(name=ENVIRONMENT_TOKEN_NAME, revoked_at=None)
    earlier.exclude(digest=digest(secret)).update(revoked_at=timezone.now())
    if not secret:
        return
    admin = User.objects.filter(username="admin").first() or _create_admin()
    if not ApiToken.objects.filter(digest=digest(secret)).update(revoked_at=None):
        ApiToken.objects.issue(admin, ENVIRONMENT_TOKEN_NAME, secret)


def _issue_login_link() -> str | None:
    if not User.objects.exists():
        _create_admin()
    admin = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    return f"/login/link/{LoginLink.objects.issue(admin)}/" if admin else None


def _create_admin() -> User:
    """Without a password: the login link is the way in, and a password can be set in Django admin."""
    return User.objects.create_superuser("admin", password=None)
