"""The first rows of an answer, for the assistant, which looks around in databases that are marked as read-only."""

from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Forbidden, Invalid
from apps.data.connections import usable_connection
from apps.data.one_query import OneQuery
from apps.data.small_answers import SmallAnswer, small_answer
from apps.data.statements import Statement

TIMEOUT_S = 60


def first_rows(
    *, actor: Actor, notebook_id: UUID, connection_id: UUID, text: str, max_rows: int, query: OneQuery
) -> SmallAnswer:
    """For editors, of a connection that the notebook may use. Forbidden if it may write; else as `small_answer`."""
    require_role(actor, notebook_id, Role.EDITOR)
    connection = usable_connection(notebook_id, connection_id)
    if connection.is_file:
        raise Invalid("A file is opened by the kernel alone: ask it in an SQL cell.")
    if not connection.is_read_only:
        raise Forbidden(
            "This connection may write, so it is asked in SQL cells alone, where people see what is run."
        )
    return small_answer(
        connection,
        lambda session: session.execute(Statement(text)),
        timeout_s=TIMEOUT_S,
        max_rows=max_rows,
        query=query,
    )
