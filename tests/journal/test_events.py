"""Events are numbered without gaps, stored with their change, and published once it is committed."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import IntegrityError, connection, transaction

from apps.accounts.actors import SYSTEM
from apps.accounts.models import Role
from apps.journal import publish, queries
from apps.journal.models import AuditEntry, NotebookEvent
from apps.journal.queries import events_since, seq_of
from apps.journal.record import append_events
from apps.notebooks.commands import rename_notebook
from apps.notebooks.events import CellDeleted, NotebookRenamed
from apps.notebooks.locking import lock_notebook_for
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.processes import wait_until
from tests.support.races import at_once


class Listener:
    """What is published to a notebook's group, in order."""

    def __init__(self, pubsub: Any) -> None:
        self._pubsub = pubsub
        self._texts: list[str] = []

    def next_frame(self) -> dict[str, Any]:
        if not self._texts:
            message = wait_until(lambda: self._pubsub.get_message(timeout=1), "a frame is published")
            self._texts = get_channel_layer().deserialize(message["data"])["texts"]
        frame: dict[str, Any] = json.loads(self._texts.pop(0))
        return frame


@contextmanager
def listening(notebook: Notebook) -> Iterator[Listener]:
    with publish.connection().pubsub() as pubsub:
        pubsub.subscribe(f"tandem__group__{publish.group_of(notebook.id)}")
        # The answer to the subscription: from here on nothing is missed.
        assert pubsub.get_message(timeout=5)["type"] == "subscribe"
        yield Listener(pubsub)


def rename(person: Person, notebook: Notebook, title: str) -> None:
    rename_notebook(actor=person.actor, notebook_id=notebook.id, title=title)


def rename_and_roll_back(person: Person, notebook: Notebook) -> None:
    with transaction.atomic():
        rename(person, notebook, "Not to be")
        transaction.set_rollback(True)


def stored_seqs(notebook: Notebook) -> list[int]:
    return list(NotebookEvent.objects.filter(notebook=notebook).order_by("seq").values_list("seq", flat=True))


class TestNumbering:
    def test_gapless_when_many_write_at_once(self, owner: Person, notebook: Notebook) -> None:
        def rename_thrice(number: int) -> None:
            for turn in range(3):
                rename(owner, notebook, f"by {number}, turn {turn}")

        assert at_once(8, rename_thrice) == [None] * 8
        notebook.refresh_from_db()
        assert notebook.seq == 25
        assert stored_seqs(notebook) == list(range(1, 26))
        newest = NotebookEvent.objects.get(notebook=notebook, seq=25)
        assert newest.payload == {"type": "notebook_renamed", "title": notebook.title}

    def test_no_number_is_used_twice(self, notebook: Notebook) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            NotebookEvent.objects.create(
                notebook=notebook, seq=1, payload={"type": "again"}, actor_kind="user"
            )

    def test_a_change_that_fails_leaves_no_gap(self, owner: Person, notebook: Notebook) -> None:
        rename_and_roll_back(owner, notebook)
        assert stored_seqs(notebook) == [1]
        assert not AuditEntry.objects.filter(notebook_id=notebook.id, action="rename_notebook").exists()
        rename(owner, notebook, "To be")
        assert stored_seqs(notebook) == [1, 2]

    def test_several_events_of_one_change(self, owner: Person, notebook: Notebook) -> None:
        with listening(notebook) as listener:
            with transaction.atomic():
                locked = lock_notebook_for(owner.actor, notebook.id, Role.OWNER)
                append_events(locked, SYSTEM, NotebookRenamed(title="A"), CellDeleted(cell_id="c"))
            assert [listener.next_frame()["seq"] for _ in range(2)] == [2, 3]
        assert seq_of(notebook.id) == 3
        frames = events_since(notebook.id, 1)
        actor = {"kind": "system", "label": "Tandem"}
        assert frames == [
            {"type": "event", "seq": 2, "actor": actor, "event": {"type": "notebook_renamed", "title": "A"}},
            {"type": "event", "seq": 3, "actor": actor, "event": {"type": "cell_deleted", "cell_id": "c"}},
        ]

    def test_the_change_moves_the_time_of_the_notebook(self, owner: Person, notebook: Notebook) -> None:
        before = notebook.updated_at
        rename(owner, notebook, "Later")
        notebook.refresh_from_db()
        assert notebook.updated_at > before


class TestReading:
    def test_since(self, owner: Person, notebook: Notebook) -> None:
        for title in ("A", "B"):
            rename(owner, notebook, title)
        assert [frame["seq"] for frame in events_since(notebook.id, 1) or []] == [2, 3]
        assert events_since(notebook.id, 3) == []
        assert events_since(notebook.id, 99) == []

    def test_too_many(self, owner: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries, "MAX_EVENTS", 2)
        for title in ("A", "B"):
            rename(owner, notebook, title)
        assert events_since(notebook.id, 0) is None
        assert len(events_since(notebook.id, 1) or []) == 2

    def test_of_a_notebook_without_events(self, notebook: Notebook) -> None:
        other = Notebook.objects.create(title="Other")
        assert seq_of(other.id) == 0
        assert events_since(other.id, 0) == []


class TestPublishing:
    def test_on_commit_and_not_before(self, owner: Person, notebook: Notebook) -> None:
        with listening(notebook) as listener:
            with transaction.atomic():
                rename(owner, notebook, "In a transaction")
                other = {"type": "output", "note": "published while the transaction is open"}
                publish.publish(notebook.id, other)
            assert listener.next_frame() == other
            frame = listener.next_frame()
        assert frame == (events_since(notebook.id, 1) or [])[0]
        assert frame["event"]["title"] == "In a transaction"

    def test_nothing_on_rollback(self, owner: Person, notebook: Notebook) -> None:
        with listening(notebook) as listener:
            rename_and_roll_back(owner, notebook)
            rename(owner, notebook, "To be")
            assert listener.next_frame()["event"]["title"] == "To be"

    def test_only_to_the_group_of_the_notebook(self, owner: Person, notebook: Notebook) -> None:
        other = Notebook.objects.create(title="Other")
        with listening(other) as listener:
            rename(owner, notebook, "Not for the other")
            publish.publish(other.id, {"type": "heartbeat", "seq": 0})
            assert listener.next_frame() == {"type": "heartbeat", "seq": 0}

    def test_arrives_where_consumers_listen(self, owner: Person, notebook: Notebook) -> None:
        """`publish` writes to Redis itself: the channel layer has to understand it as a message to the group."""

        def rename_elsewhere() -> None:
            rename(owner, notebook, "Through the layer")
            connection.close()  # of this thread

        async def received() -> dict[str, Any]:
            layer = get_channel_layer()
            channel = await layer.new_channel()
            await layer.group_add(publish.group_of(notebook.id), channel)
            await asyncio.to_thread(rename_elsewhere)
            message: dict[str, Any] = await asyncio.wait_for(layer.receive(channel), timeout=30)
            await layer.flush()
            return message

        message = asyncio.run(received())
        assert message["type"] == "notebook.frames"
        assert json.loads(message["texts"][0])["event"]["title"] == "Through the layer"

    def test_a_redis_that_is_down_does_not_fail_the_change(
        self, owner: Person, notebook: Notebook, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.REDIS_URL = "unix:///nowhere/redis.sock"
        publish.connection.cache_clear()
        try:
            rename(owner, notebook, "Without Redis")
        finally:
            publish.connection.cache_clear()
        assert f"Could not publish to notebook {notebook.id}" in caplog.text
        notebook.refresh_from_db()
        assert notebook.title == "Without Redis"
        assert stored_seqs(notebook) == [1, 2]
