"""The audit log is append-only in the database and read-only, searchable and exportable in Django admin."""

import csv
import http.client
import io
from calendar import monthrange
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.actors import SYSTEM, Actor, ActorKind
from apps.accounts.models import User
from apps.journal import admin_list, audit_csv
from apps.journal.admin import AuditEntryAdmin
from apps.journal.admin_list import NewestPages
from apps.journal.audit_csv import guarded
from apps.journal.models import AuditEntry
from apps.journal.queries import audit_actions
from apps.journal.record import audit
from apps.notebooks.models import Notebook
from tests.support.administration import browser_of, new_administrator, run_action
from tests.support.cast import Person, new_person
from tests.support.processes import WebProcess

LOG = "/admin/journal/auditentry/"
EXPORT = f"{LOG}export/"


@pytest.fixture
def admin(database: Any) -> Client:
    return browser_of(new_administrator())


@pytest.fixture
def entry(owner: Person) -> AuditEntry:
    return add_entry(owner.actor, "rename_notebook", uuid4(), title="Naïve 😀", old_title="x")


def add_entry(actor: Actor, action: str, notebook_id: UUID | None = None, **details: Any) -> AuditEntry:
    audit(actor, action, notebook_id, **details)
    return AuditEntry.objects.latest("id")


def look(client: Client, path: str, **query: Any) -> Any:
    return client.get(path, query)


def listed(client: Client, **query: Any) -> list[AuditEntry]:
    """The entries on the first page of the list."""
    page = look(client, LOG, **query)
    assert page.status_code == 200, page
    return list(page.context["cl"].result_list)


def exported(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(chunks_of(answer)).decode(), newline="")))


def chunks_of(answer: Any) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [chunk async for chunk in answer]

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return async_to_sync(collect)()


class TestTheTable:
    def test_refuses_changes_through_the_orm(self, entry: AuditEntry) -> None:
        rows = AuditEntry.objects.filter(pk=entry.pk)
        changes = [lambda: rows.update(action="other"), rows.delete, entry.save, entry.delete]
        for change in changes:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                change()
        assert list(rows) == [entry]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE journal_auditentry SET action = 'other' WHERE id = %s",
            "UPDATE journal_auditentry SET action = action WHERE id = %s",
            "DELETE FROM journal_auditentry WHERE id = %s",
            "INSERT INTO journal_auditentry SELECT * FROM journal_auditentry WHERE id = %s"
            " ON CONFLICT (id) DO UPDATE SET action = 'other'",
        ],
    )
    def test_refuses_changes_in_sql(self, entry: AuditEntry, statement: str) -> None:
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [entry.pk])
        assert AuditEntry.objects.filter(pk=entry.pk, action="rename_notebook").exists()

    def test_refuses_to_be_emptied(self, entry: AuditEntry) -> None:
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("TRUNCATE journal_auditentry")
        assert AuditEntry.objects.filter(pk=entry.pk).exists()

    def test_entries_outlive_what_they_name(self, entry: AuditEntry, owner: Person) -> None:
        User.objects.filter(pk=owner.user.pk).delete()
        kept = AuditEntry.objects.get(pk=entry.pk)
        assert (kept.actor_id, kept.actor_label) == (owner.user.pk, owner.actor.label)

    def test_what_is_recorded(self, owner: Person) -> None:
        notebook_id, before = uuid4(), timezone.now()
        entry = add_entry(owner.actor, "run", notebook_id, scope="all", cells=3)
        assert before <= entry.at <= timezone.now()
        assert (entry.actor_kind, entry.actor_label) == ("user", owner.user.username)
        assert (entry.actor_id, entry.action, entry.notebook_id) == (owner.user.pk, "run", notebook_id)
        assert entry.details == {"scope": "all", "cells": 3}

    def test_of_nobody_and_nowhere(self, database: Any) -> None:
        entry = add_entry(SYSTEM, "sweep")
        assert (entry.actor_kind, entry.actor_id, entry.notebook_id) == ("system", None, None)

    def test_goes_with_its_transaction(self, owner: Person) -> None:
        with transaction.atomic():
            add_entry(owner.actor, "not_to_be")
            transaction.set_rollback(True)
        assert not AuditEntry.objects.filter(actor_id=owner.user.pk).exists()

    def test_actions(self, owner: Person) -> None:
        for action in ("b_action", "a_action", "b_action"):
            add_entry(owner.actor, action)
        in_table = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
        assert audit_actions() == list(in_table)


class TestReadOnly:
    def test_pages(self, admin: Client, entry: AuditEntry) -> None:
        detail = admin.get(f"{LOG}{entry.pk}/change/")
        assert detail.status_code == 200
        assert '{\n  "title": "Naïve 😀",'.replace('"', "&quot;") in detail.text
        assert f"{entry.at:%Y-%m-%d %H:%M:%S}" in detail.text
        assert 'name="_save"' not in detail.text
        assert entry in listed(admin, notebook_id=entry.notebook_id)

    def test_nothing_can_be_changed(self, admin: Client, entry: AuditEntry) -> None:
        change = {"action": "other", "actor_label": "somebody else"}
        assert admin.post(f"{LOG}{entry.pk}/change/", change).status_code == 403
        assert admin.post(f"{LOG}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
        assert admin.get(f"{LOG}{entry.pk}/delete/").status_code == 403
        assert admin.get(f"{LOG}add/").status_code == 403
        assert admin.post(f"{LOG}add/", change).status_code == 403
        run_action(admin, LOG, "delete_selected", entry)
        assert AuditEntry.objects.get(pk=entry.pk).action == "rename_notebook"

    def test_no_action_deletes(self, admin: Client, entry: AuditEntry) -> None:
        page = admin.get(LOG)
        choices = [name for name, _ in page.context["action_form"].fields["action"].choices if name]
        assert choices == ["export_selected"]

    @pytest.mark.parametrize("path", [LOG, EXPORT])
    def test_not_for_people(self, path: str, owner: Person) -> None:
        assert browser_of(owner).get(path).headers["Location"].startswith("/admin/login/")
        owner.user.is_staff = True
        owner.user.save()
        assert browser_of(owner).get(path).status_code == 403

    def test_markup_in_what_people_wrote_is_text(self, admin: Client, owner: Person) -> None:
        actor = Actor(ActorKind.USER, "<b>bold</b>", owner.user.pk)
        entry = add_entry(actor, "run", uuid4(), title="<script>alert(1)</script>")
        for page in (
            look(admin, LOG, notebook_id=entry.notebook_id),
            admin.get(f"{LOG}{entry.pk}/change/"),
        ):
            assert "<script>alert" not in page.text
            assert "<b>bold" not in page.text


class TestFinding:
    def test_by_kind_and_person(self, admin: Client, owner: Person) -> None:
        by_hand = add_entry(owner.actor, "run")
        by_token = add_entry(Actor(ActorKind.TOKEN, "script", owner.user.pk), "run")
        assert listed(admin, actor_id=owner.user.pk) == [by_token, by_hand]
        assert listed(admin, actor_id=owner.user.pk, actor_kind__exact="token") == [by_token]

    def test_by_action_and_notebook(self, admin: Client, owner: Person) -> None:
        notebook_id = uuid4()
        run = add_entry(owner.actor, "run", notebook_id)
        rename = add_entry(owner.actor, "rename_notebook", notebook_id)
        add_entry(owner.actor, "run", uuid4())
        assert listed(admin, notebook_id=notebook_id) == [rename, run]
        assert listed(admin, notebook_id=notebook_id, action="run") == [run]

    def test_by_date(self, admin: Client, entry: AuditEntry) -> None:
        notebook_id, day = entry.notebook_id, timedelta(days=1)
        assert listed(admin, notebook_id=notebook_id, at__gte=(entry.at - day).isoformat()) == [entry]
        assert listed(admin, notebook_id=notebook_id, at__gte=(entry.at + day).isoformat()) == []
        at = {"at__year": entry.at.year, "at__month": entry.at.month, "at__day": entry.at.day}
        assert listed(admin, notebook_id=notebook_id, **at) == [entry]
        assert listed(admin, notebook_id=notebook_id, at__year=entry.at.year - 1) == []

    def test_by_calendar(self, admin: Client, entry: AuditEntry) -> None:
        """Every link down to the day of an entry leads to a list with it, and the way back is shown."""
        query = f"?notebook_id={entry.notebook_id}"
        titles = [str(entry.at.year), f"{entry.at:%B} {entry.at.year}", f"{entry.at:%B} {entry.at.day}"]
        for title in titles:
            calendar = admin.get(LOG + query).context["cl"].calendar()
            (query,) = [choice["link"] for choice in calendar["choices"] if choice["title"] == title]
            page = admin.get(LOG + query)
            assert list(page.context["cl"].result_list) == [entry]
            assert page.context["cl"].calendar()["back"]["link"] in page.text.replace("&amp;", "&")
        days = calendar["choices"]
        assert len(days) == monthrange(entry.at.year, entry.at.month)[1]
        assert page.context["cl"].calendar()["choices"] == [{"title": titles[-1]}]

    def test_by_search(self, admin: Client, entry: AuditEntry, owner: Person) -> None:
        add_entry(new_person("other").actor, "run", uuid4())
        name = owner.user.username
        for words in (name, f"{name} rename_note", f"NAÏVE {name}", f"😀 {name}", str(entry.notebook_id)):
            assert entry in listed(admin, q=words)
        for words in (f"{name} delete_notebook", f"nowhere {name}", str(uuid4()), "%%", "\x00"):
            assert listed(admin, q=words) == [] or words == "\x00"

    def test_by_the_id_of_a_cell(self, admin: Client, owner: Person) -> None:
        cell_id = str(uuid4())
        entry = add_entry(owner.actor, "edit_cell", uuid4(), cell_id=cell_id)
        assert listed(admin, q=cell_id) == [entry]

    @pytest.mark.parametrize(
        "query",
        [
            {"notebook_id": "x"},
            {"actor_id": "x"},
            {"actor_id": "99999999999999999999"},
            {"at__year": "x"},
            {"at__year": "0"},
            {"at__year": "2026", "at__month": "13"},
            {"at__month": "x"},
            {"at__day": "1"},
            {"p": "999"},
            {"at__gte": "x"},
        ],
    )
    def test_a_filter_that_makes_no_sense(
        self, admin: Client, entry: AuditEntry, query: dict[str, str]
    ) -> None:
        for path in (LOG, EXPORT):
            assert admin.get(path, query, follow=True).status_code == 200

    def test_links_to_what_else_happened(self, admin: Client, entry: AuditEntry) -> None:
        for page in (look(admin, LOG, q=entry.notebook_id), admin.get(f"{LOG}{entry.pk}/change/")):
            assert f'href="{LOG}?notebook_id={entry.notebook_id}"' in page.text

    def test_of_somebody_who_is_gone(self, admin: Client, entry: AuditEntry, owner: Person) -> None:
        User.objects.filter(pk=owner.user.pk).delete()
        assert admin.get(f"{LOG}{entry.pk}/change/").status_code == 200
        assert listed(admin, actor_id=owner.user.pk) == [entry]


class TestLargeLogs:
    def test_nothing_counts_or_reads_all(
        self, admin: Client, entry: AuditEntry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(AuditEntryAdmin, "list_per_page", 1)
        with CaptureQueriesContext(connection) as queries:
            admin.get(LOG)
        of_log = [query["sql"] for query in queries if "journal_auditentry" in query["sql"]]
        assert of_log
        for sql in of_log:
            assert "LIMIT" in sql or sql.strip().startswith(
                "WITH RECURSIVE"
            )  # from index entry to index entry

    def test_the_list_ends_where_nobody_turns_pages(
        self, admin: Client, owner: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notebook_id = uuid4()
        entries = [add_entry(owner.actor, "run", notebook_id, number=number) for number in range(5)]
        assert "newest" not in look(admin, LOG, notebook_id=notebook_id).text
        monkeypatch.setattr(admin_list, "MAX_LISTED", 3)
        pages = NewestPages(AuditEntry.objects.filter(notebook_id=notebook_id), 2)
        assert (pages.count, pages.num_pages) == (3, 2)
        assert list(pages.page(1).object_list) == entries[:-3:-1]
        page = look(admin, LOG, notebook_id=notebook_id)
        assert "These are the newest 3" in page.text
        assert len(exported(look(admin, EXPORT, notebook_id=notebook_id))) == 5


class TestExport:
    def test_what_the_filters_leave(self, admin: Client, owner: Person) -> None:
        notebook_id = uuid4()
        first = add_entry(owner.actor, "run", notebook_id, title='"quoted", and\nmore 😀')
        second = add_entry(SYSTEM, "sweep", notebook_id)
        add_entry(owner.actor, "run", uuid4())
        answer = look(admin, EXPORT, notebook_id=notebook_id)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-log-')
        rows = exported(answer)
        assert [row["id"] for row in rows] == [str(second.pk), str(first.pk)]
        assert rows[1] == {
            "id": str(first.pk),
            "at": first.at.isoformat(),
            "actor_kind": "user",
            "actor_label": owner.user.username,
            "actor_id": str(owner.user.pk),
            "action": "run",
            "notebook_id": str(notebook_id),
            "details": '{"title":"\\"quoted\\", and\\nmore 😀"}',
        }
        assert rows[0]["actor_id"] == ""
        searched = exported(look(admin, EXPORT, notebook_id=notebook_id, q="sweep"))
        assert [row["id"] for row in searched] == [str(second.pk)]

    def test_the_button_keeps_the_filters(self, admin: Client, entry: AuditEntry) -> None:
        page = look(admin, LOG, notebook_id=entry.notebook_id, q="rename", p=1)
        assert f'href="{EXPORT}?notebook_id={entry.notebook_id}&amp;q=rename"' in page.text

    def test_selected(self, admin: Client, owner: Person) -> None:
        entries = [add_entry(owner.actor, "run", number=number) for number in range(3)]
        answer = run_action(admin, LOG, "export_selected", entries[0], entries[2])
        assert [row["id"] for row in exported(answer)] == [str(entries[2].pk), str(entries[0].pk)]

    def test_chunk_by_chunk(self, admin: Client, owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(audit_csv, "CHUNK_ROWS", 2)
        notebook_id = uuid4()
        entries = [add_entry(owner.actor, "run", notebook_id, number=number) for number in range(5)]
        chunks = chunks_of(look(admin, EXPORT, notebook_id=notebook_id))
        assert [chunk.count(b"\r\n") for chunk in chunks] == [1, 2, 2, 1]  # the first is the head
        ids = [line.split(b",")[0] for line in b"".join(chunks).splitlines()[1:]]
        assert ids == [str(entry.pk).encode() for entry in reversed(entries)]

    def test_over_the_web_server(self, server: WebProcess, owner: Person) -> None:
        entry = add_entry(owner.actor, "run", uuid4())
        cookie = browser_of(new_administrator()).cookies["sessionid"].value
        web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        web.request(
            "GET", f"{EXPORT}?notebook_id={entry.notebook_id}", headers={"Cookie": f"sessionid={cookie}"}
        )
        answer = web.getresponse()
        assert answer.status == 200
        rows = list(csv.DictReader(io.StringIO(answer.read().decode(), newline="")))
        assert [row["id"] for row in rows] == [str(entry.pk)]
        assert "must consume" not in server.log  # Django would have to say so if it could not stream
        web.close()


class TestFormulas:
    @pytest.mark.parametrize(
        "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", "＝1", "＋1", "－1", "＠x"]
    )
    def test_guarded(self, cell: str) -> None:
        assert guarded(cell) == f"'{cell}"

    @pytest.mark.parametrize(
        "cell", ["", "a", "1", "a=1", "'=1", " a", "{}", "é", "2026-01-02T03:04:05+00:00"]
    )
    def test_left_alone(self, cell: str) -> None:
        assert guarded(cell) == cell

    def test_in_an_export(self, admin: Client, owner: Person, notebook: Notebook) -> None:
        notebook_id = uuid4()
        add_entry(
            Actor(ActorKind.USER, '=HYPERLINK("http://x")', owner.user.pk), "@run", notebook_id, title="=1"
        )
        (row,) = exported(look(admin, EXPORT, notebook_id=notebook_id))
        assert row["actor_label"] == '\'=HYPERLINK("http://x")'
        assert row["action"] == "'@run"
        assert row["details"] == '{"title":"=1"}'
