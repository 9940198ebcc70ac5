"""Code of programs, outside of any notebook that people see: `execute/` of the API.

A call is a run of one cell in the notebook of a session, so lanes, limits, audit and survival are those of any run. It
has no plan: the cells of a session are not kept up to date with each other.

Order of locks: the person's row, which makes their calls look for room one after the other, then that of a session's
notebook, whose lane never wants a person's row, as it has no owner.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.accounts.actors import Actor
from apps.accounts.models import User
from apps.base.errors import Forbidden, Invalid, NotFound, TooMany, Unavailable
from apps.base.ids import new_id
from apps.execution.models import CellRun, CellRunStatus, CodeSession, Run, Scope
from apps.execution.planned_step import PlannedStep
from apps.execution.run_allowance import count_run
from apps.execution.wake import wake_on_commit
from apps.journal.record import audit
from apps.notebooks.checks import checked_source
from apps.notebooks.models import Cell, CellKind, CellStatus, Notebook

DEFAULT_TIMEOUT_S = 60
MAX_TIMEOUT_S = 3600

# Calls of one session that have not ended, and those whose outputs are kept.
MAX_QUEUED = 20
MAX_KEPT = 200
RETRY_AFTER_S = 5

MAX_NAME_CHARS = 100


class NoRoom(Unavailable):
    """All sessions that the person may have are in use; one may be free soon."""


@dataclass(frozen=True)
class Call:
    """What `execution_state` needs to find it again."""

    session: str
    notebook_id: UUID
    cell_id: UUID
    run_id: UUID
    timeout_s: int


@transaction.atomic
def execute_code(
    *, actor: Actor, code: str, session: str | None = None, timeout_s: int = DEFAULT_TIMEOUT_S
) -> Call:
    """Queue the code in the session of that name, which is new if there is none; without a name in a new one.

    NoRoom if the person has as many sessions as they may and all are in use or kept. NotFound for a session that was
    given a name by us and has ended. TooMany if too much is queued.
    """
    if not 1 <= timeout_s <= MAX_TIMEOUT_S:
        raise Invalid(f"timeout_s must be from 1 to {MAX_TIMEOUT_S:,}.", field="timeout_s")
    if actor.user_id is None:
        raise Forbidden("Run code as a person or with a person's token.")
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    found, notebook = _known_session(user, session) or _new_session(actor, user, session)
    _check_queue(found)
    count_run(actor)
    call = _queue(actor, found, notebook, checked_source(code), timeout_s)
    details = {"session": found.name, "run_id": str(call.run_id), "characters": len(code)}
    audit(actor, "execute", notebook.id, **details)
    wake_on_commit(notebook.id)
    return call


@transaction.atomic
def end_session(*, actor: Actor, session: str) -> None:
    """End it with its kernel, and what runs in it. NotFound if the actor has no such session."""
    found = CodeSession.objects.filter(user=actor.user_id, name=session, ended_at=None).first()
    if found is None:
        raise NotFound("You have no session of this name.")
    end(actor, found)


def end(actor: Actor, session: CodeSession) -> bool:
    """In the caller's transaction; False if it was ended before. Its lane ends the kernel of a deleted notebook."""
    now = timezone.now()
    Notebook.objects.filter(pk=session.notebook_id, deleted_at=None).update(deleted_at=now)
    if not CodeSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now):
        return False
    audit(actor, "end_session", session.notebook_id, session=session.name)
    wake_on_commit(session.notebook_id)
    return True


def _known_session(user: User, name: str | None) -> tuple[CodeSession, Notebook] | None:
    """With its notebook, locked."""
    if name is None:
        return None
    _check_name(name)
    found = CodeSession.objects.filter(user=user, name=name, ended_at=None).first()
    if found:
        notebook = Notebook.objects.select_for_update(no_key=True).get(pk=found.pk)
        if CodeSession.objects.filter(pk=found.pk, ended_at=None).update(
            used_at=timezone.now(), is_kept=True
        ):
            return found, notebook
    if _is_ours(name):
        raise NotFound(
            "This session has ended. Leave session out to begin another, or give a name of your own to keep one."
        )
    return None


def _new_session(actor: Actor, user: User, name: str | None) -> tuple[CodeSession, Notebook]:
    if CodeSession.objects.filter(user=user, ended_at=None).count() >= settings.CODE_SESSIONS:
        _make_room(actor)
    notebook = Notebook.objects.create(title=f"Session of {user.get_username()}")
    session = CodeSession.objects.create(
        notebook=notebook,
        user=user,
        name=uuid4().hex if name is None else name,
        is_kept=name is not None,
        used_at=timezone.now(),
    )
    return session, notebook


def _check_name(name: str) -> None:
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable() or "/" in name:
        raise Invalid(
            f"session must be 1 to {MAX_NAME_CHARS} printable characters without /.", field="session"
        )


def _is_ours(name: str) -> bool:
    try:
        return UUID(hex=name).hex == name
    except ValueError:
        return False


def _make_room(actor: Actor) -> None:
    """End the one that nobody came back to and that was used the longest ago, of those that do not run now."""
    unfinished = Run.objects.filter(notebook_id=OuterRef("pk"), finished_at=None)
    idle = CodeSession.objects.filter(~Exists(unfinished), user=actor.user_id, ended_at=None, is_kept=False)
    oldest = idle.order_by("used_at").first()
    if oldest is None:
        raise NoRoom(
            f"All {settings.CODE_SESSIONS} sessions that you may have are in use. Wait, or end one "
            "(DELETE execute/sessions/{session}/)."
        )
    end(actor, oldest)


def _check_queue(session: CodeSession) -> None:
    if Run.objects.filter(notebook=session.notebook_id, finished_at=None).count() >= MAX_QUEUED:
        raise TooMany(
            f"{MAX_QUEUED} calls wait in this session already. Try again soon, or use another session.",
            retry_after_s=RETRY_AFTER_S,
        )


def _queue(actor: Actor, session: CodeSession, notebook: Notebook, code: str, timeout_s: int) -> Call:
    step = PlannedStep(timeout_s=timeout_s, asks_nobody=True)
    cell_id = new_id()
    # A key that is its own: cells of a session are in no order that anybody sees.
    cell = Cell.objects.create(
        id=cell_id,
        notebook=notebook,
        kind=CellKind.PYTHON,
        source=code,
        order_key=cell_id.hex,
        status=CellStatus.QUEUED,
    )
    run = Run.objects.create(
        notebook=notebook, scope=Scope.CELL, actor_kind=actor.kind, actor_label=actor.label
    )
    CellRun.objects.create(
        run=run, notebook=notebook, cell=cell, source=code, step=step.to_json(), status=CellRunStatus.QUEUED
    )
    _forget_old_calls(notebook)
    return Call(session.name, notebook.id, cell.id, run.id, timeout_s)


def _forget_old_calls(notebook: Notebook) -> None:
    ended = Run.objects.filter(notebook=notebook).exclude(finished_at=None).order_by("-created_at")
    old = list(ended.values_list("id", flat=True)[MAX_KEPT:])
    Cell.objects.filter(cell_runs__run__in=old).delete()
    Run.objects.filter(id__in=old).delete()
