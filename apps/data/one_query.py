"""One query in a database: opened, asked, held to its time, and cancelled by whoever does not wait any more."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from apps.data.databases.database import CANCELLED, Answer, DatabaseError, Session, Target
from apps.data.databases.kinds import DatabaseKind

logger = logging.getLogger(__name__)

# So that the database's own word on its time limit comes first.
GRACE_S = 5.0


class OneQuery:
    """`asked` is for one thread; `cancel` may come from any other, also before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None
        self.is_cancelled = False

    @contextmanager
    def asked(self, kind: DatabaseKind, target: Target, ask: Callable[[Session], Answer]) -> Iterator[Answer]:
        """The answer, to be read inside. What it changed stays if no exception leaves the block. DatabaseError."""
        with ExitStack() as stack:
            session = stack.enter_context(kind.open(target))
            self._begin(session)
            # The database counts the time of one step; this counts all, also of one that does not answer any more.
            timer = threading.Timer(target.timeout_s + GRACE_S, _cancel, [session])
            timer.daemon = True
            timer.start()
            stack.callback(timer.cancel)
            yield ask(session)

    def end(self) -> None:
        """Said inside of `asked` when all is read that is wanted. DatabaseError if nobody waits any more: then it is
        nobody's."""
        with self._lock:
            self._session = None
            if self.is_cancelled:
                raise DatabaseError(CANCELLED)

    def cancel(self) -> None:
        """Nobody waits any more. Returns at once."""
        with self._lock:
            self.is_cancelled = True
            session, self._session = self._session, None
        if session:
            # The way to the database may be gone, and whoever cancels has other things to do than to wait for it.
            threading.Thread(target=_cancel, args=(session,), name="cancel-query", daemon=True).start()

    def _begin(self, session: Session) -> None:
        with self._lock:
            self._session = session
            if self.is_cancelled:
                raise DatabaseError(CANCELLED)


def _cancel(session: Session) -> None:
    try:
        session.cancel()
    except Exception:
        logger.warning(
            "A query could not be cancelled in its database; its time limit ends it.", exc_info=True
        )
