"""Django admin of people, tokens and roles: sign-up is closed, secrets are seen once, all is on record."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.accounts.access import role_of
from apps.accounts.models import ApiToken, LoginLink, Membership, Role, User
from apps.journal.models import AuditEntry
from apps.notebooks.models import Notebook
from apps.web.admin.members import MembershipFormSet
from tests.support.administration import browser_of, new_administrator, refusal, run_action, submit
from tests.support.cast import Person, new_person
from tests.support.races import at_once

USERS = "/admin/accounts/user/"
TOKENS = "/admin/accounts/apitoken/"
NOTEBOOKS = "/admin/notebooks/notebook/"
PASSWORDS = {"password1": "correct horse battery", "password2": "correct horse battery"}


@pytest.fixture
def administrator(database: Any) -> Person:
    return new_administrator()


@pytest.fixture
def admin(administrator: Person) -> Client:
    return browser_of(administrator)


def page_of(thing: User | Notebook | ApiToken) -> str:
    return f"/admin/{thing._meta.app_label}/{thing._meta.model_name}/{thing.pk}/change/"


def recorded(person: Person, action: str) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(actor_id=person.user.pk, action=action).order_by("id")
    return [entry.details for entry in entries]


def shown_secrets(page: Any) -> list[str]:
    """What a message of the page shows to be copied."""
    found: list[str] = re.findall(r"<code[^>]*>([^<]+)</code>", page.text)
    return found


class TestWhoMayUseIt:
    def test_sign_up_is_closed(self, database: Any) -> None:
        for path in ("/signup/", "/register/", "/accounts/signup/"):
            assert Client().get(path).status_code in (302, 404)
        assert Client().get(f"{USERS}add/").headers["Location"].startswith("/admin/login/")

    @pytest.mark.parametrize("path", [USERS, f"{USERS}add/", TOKENS, f"{TOKENS}add/", NOTEBOOKS])
    def test_not_for_people(self, path: str, owner: Person) -> None:
        assert browser_of(owner).get(path).headers["Location"].startswith("/admin/login/")

    @pytest.mark.parametrize("path", [USERS, f"{USERS}add/", TOKENS, f"{TOKENS}add/", NOTEBOOKS])
    def test_not_for_staff_who_are_no_administrators(self, path: str, owner: Person) -> None:
        owner.user.is_staff = True
        owner.user.save()
        assert browser_of(owner).get(path).status_code == 403

    def test_permission_groups_are_not_offered(self, admin: Client) -> None:
        assert admin.get("/admin/auth/group/").status_code == 404
        assert admin.get("/admin/").status_code == 200


class TestPeople:
    def test_add(self, admin: Client, administrator: Person) -> None:
        username = f"new-of-{administrator.user.username}"
        submit(admin, f"{USERS}add/", username=username, **PASSWORDS)
        user = User.objects.get(username=username)
        assert Client().login(username=username, password=PASSWORDS["password1"])
        assert not user.is_staff
        assert not user.is_superuser
        rights = {"is_active": True, "is_superuser": False}
        assert recorded(administrator, "add_user") == [{"username": username, "user_id": user.pk, **rights}]

    def test_change(self, admin: Client, administrator: Person, owner: Person) -> None:
        submit(admin, page_of(owner.user), email="owner@example.org", is_active=None)
        owner.user.refresh_from_db()
        assert owner.user.email == "owner@example.org"
        assert not owner.user.is_active
        details = recorded(administrator, "change_user")[0]
        assert sorted(details["fields"]) == ["email", "is_active"]
        assert not details["is_active"]

    def test_no_op_is_not_on_record(self, admin: Client, administrator: Person, owner: Person) -> None:
        submit(admin, page_of(owner.user))
        assert recorded(administrator, "change_user") == []

    def test_an_administrator_may_open_these_pages(self, admin: Client, owner: Person) -> None:
        submit(admin, page_of(owner.user), is_superuser="on")
        assert browser_of(owner).get(USERS).status_code == 200
        submit(admin, page_of(owner.user), is_superuser=None)
        assert browser_of(owner).get(USERS).status_code == 302

    def test_the_last_administrator_stays(self, admin: Client, administrator: Person) -> None:
        User.objects.exclude(pk=administrator.user.pk).filter(is_superuser=True).update(is_active=False)
        for box in ("is_active", "is_superuser"):
            assert "last active administrator" in refusal(admin, page_of(administrator.user), **{box: None})
        administrator.user.refresh_from_db()
        assert administrator.user.is_active
        assert administrator.user.is_superuser

    def test_of_two_who_remove_each_other_one_stays(self, admin: Client, administrator: Person) -> None:
        other = new_administrator()
        pair = [administrator.user.pk, other.user.pk]
        User.objects.exclude(pk__in=pair).filter(is_superuser=True).update(is_active=False)
        clients = [browser_of(other), admin]
        at_once(2, lambda n: submit(clients[n], f"{USERS}{pair[n]}/change/", is_superuser=None))
        assert User.objects.filter(pk__in=pair, is_superuser=True).count() == 1

    def test_nobody_is_deleted(self, admin: Client, owner: Person) -> None:
        assert admin.post(f"{USERS}{owner.user.pk}/delete/", {"post": "yes"}).status_code == 403
        run_action(admin, USERS, "delete_selected", owner.user)
        assert User.objects.filter(pk=owner.user.pk).exists()

    def test_password(self, admin: Client, administrator: Person, owner: Person) -> None:
        path = f"{USERS}{owner.user.pk}/password/"
        button = {"usable_password": "true", "set-password": "Change password"}
        admin.post(path, {**PASSWORDS, "password2": "something else", **button})
        assert recorded(administrator, "change_password") == []
        admin.post(path, {**PASSWORDS, **button})
        assert Client().login(username=owner.user.username, password=PASSWORDS["password1"])
        assert [details["username"] for details in recorded(administrator, "change_password")] == [
            owner.user.username
        ]
        stored = str(AuditEntry.objects.filter(actor_id=administrator.user.pk).values_list("details"))
        assert PASSWORDS["password1"] not in stored


class TestLoginLinks:
    def test_shown_once_and_works_once(self, admin: Client, administrator: Person, owner: Person) -> None:
        page = run_action(admin, USERS, "make_login_link", owner.user)
        (link,) = shown_secrets(page)
        assert shown_secrets(admin.get(USERS)) == []
        path = link.removeprefix("http://testserver")
        assert Client().post(path).headers["Location"] == "/"
        assert Client().post(path).status_code == 410
        details = recorded(administrator, "make_login_link")
        assert details == [{"username": owner.user.username, "user_id": owner.user.pk}]

    def test_for_one_active_person(self, admin: Client, administrator: Person, owner: Person) -> None:
        assert (
            shown_secrets(run_action(admin, USERS, "make_login_link", owner.user, administrator.user)) == []
        )
        owner.user.is_active = False
        owner.user.save()
        page = run_action(admin, USERS, "make_login_link", owner.user)
        assert shown_secrets(page) == []
        assert "Select one person" in page.text
        assert not LoginLink.objects.filter(user=owner.user).exists()
        assert recorded(administrator, "make_login_link") == []


class TestTokens:
    def issue(self, admin: Client, person: Person, name: str = "a script") -> tuple[ApiToken, str]:
        page = submit(admin, f"{TOKENS}add/", user=person.user.pk, name=name)
        (secret,) = shown_secrets(page)
        return ApiToken.objects.get(user=person.user, name=name), secret

    def test_the_secret_is_shown_once_and_never_stored(self, admin: Client, owner: Person) -> None:
        token, secret = self.issue(admin, owner)
        assert ApiToken.objects.find(secret) == token
        for path in (TOKENS, page_of(token), f"{page_of(token)}../history/"):
            text = admin.get(path, follow=True).text
            assert secret not in text
            assert token.digest not in text
        assert secret not in str(dict(admin.session.items()))
        assert secret not in str(list(AuditEntry.objects.filter(action="issue_token").values_list("details")))

    def test_on_record(self, admin: Client, administrator: Person, owner: Person) -> None:
        token, _ = self.issue(admin, owner)
        run_action(admin, TOKENS, "revoke", token)
        details = {"username": owner.user.username, "token_id": token.pk, "name": "a script"}
        assert recorded(administrator, "issue_token") == [{**details, "begins_with": token.prefix}]
        assert recorded(administrator, "revoke_token") == [{**details, "begins_with": token.prefix}]

    def test_revoked_for_good(self, admin: Client, administrator: Person, owner: Person) -> None:
        token, secret = self.issue(admin, owner)
        run_action(admin, TOKENS, "revoke", token)
        assert ApiToken.objects.find(secret) is None
        token.refresh_from_db()
        first = token.revoked_at
        run_action(admin, TOKENS, "revoke", token)
        token.refresh_from_db()
        assert token.revoked_at == first
        assert len(recorded(administrator, "revoke_token")) == 1

    def test_not_for_the_inactive(self, admin: Client, owner: Person) -> None:
        owner.user.is_active = False
        owner.user.save()
        assert "user" in refusal(admin, f"{TOKENS}add/", user=owner.user.pk, name="too late")
        assert not ApiToken.objects.filter(name="too late").exists()

    def test_neither_changed_nor_deleted(self, admin: Client, owner: Person) -> None:
        token, _ = self.issue(admin, owner)
        assert admin.post(page_of(token), {"name": "other"}).status_code == 403
        assert admin.post(f"{TOKENS}{token.pk}/delete/", {"post": "yes"}).status_code == 403
        token.refresh_from_db()
        assert token.name == "a script"

    def test_the_digest_cannot_be_guessed_by_filters(self, admin: Client) -> None:
        assert admin.get(TOKENS, {"digest__startswith": "a"}).status_code == 400


class TestRoles:
    """`memberships-0` is the first row of the roles, on the page of a person as on that of a notebook."""

    def test_give_and_withdraw(
        self, admin: Client, administrator: Person, notebook: Notebook, stranger: Person
    ) -> None:
        row = {"memberships-0-notebook": notebook.pk, "memberships-0-role": Role.VIEWER}
        submit(admin, page_of(stranger.user), **row, **{"memberships-TOTAL_FORMS": 1})
        assert role_of(stranger.actor, notebook.id) == Role.VIEWER
        submit(admin, page_of(stranger.user), **{"memberships-0-role": Role.EDITOR})
        assert role_of(stranger.actor, notebook.id) == Role.EDITOR
        submit(admin, page_of(stranger.user), **{"memberships-0-DELETE": "on"})
        assert role_of(stranger.actor, notebook.id) is None
        name = {"username": stranger.user.username, "in_admin": True}
        roles = [{**name, "role": "viewer"}, {**name, "role": "editor"}]
        assert recorded(administrator, "set_member") == roles
        assert recorded(administrator, "remove_member") == [name]
        entries = AuditEntry.objects.filter(actor_id=administrator.user.pk)
        assert set(entries.values_list("notebook_id", flat=True)) == {notebook.id}

    def test_on_the_page_of_the_notebook(self, admin: Client, notebook: Notebook, stranger: Person) -> None:
        row = {"memberships-1-user": stranger.user.pk, "memberships-1-role": Role.EDITOR}
        submit(admin, page_of(notebook), **row, **{"memberships-TOTAL_FORMS": 2})
        assert role_of(stranger.actor, notebook.id) == Role.EDITOR

    def test_a_notebook_keeps_an_owner(self, admin: Client, notebook: Notebook, owner: Person) -> None:
        for thing in (notebook, owner.user):
            for change in ({"memberships-0-role": Role.EDITOR}, {"memberships-0-DELETE": "on"}):
                assert "needs an owner" in refusal(admin, page_of(thing), **change)
        assert role_of(owner.actor, notebook.id) == Role.OWNER

    def test_of_two_owners_withdrawn_at_once_one_stays(
        self, admin: Client, notebook: Notebook, owner: Person, editor: Person
    ) -> None:
        Membership.objects.filter(notebook=notebook).update(role=Role.OWNER)
        pages = [page_of(owner.user), page_of(editor.user)]
        at_once(2, lambda n: submit(admin, pages[n], **{"memberships-0-DELETE": "on"}))
        assert Membership.objects.filter(notebook=notebook, role=Role.OWNER).count() == 1

    def test_hand_over(self, admin: Client, notebook: Notebook, owner: Person, editor: Person) -> None:
        roles = {"memberships-0-role": Role.OWNER, "memberships-1-role": Role.VIEWER}  # the newest row first
        submit(admin, page_of(notebook), **roles)
        assert role_of(editor.actor, notebook.id) == Role.OWNER
        assert role_of(owner.actor, notebook.id) == Role.VIEWER

    def test_a_row_stays_with_its_person(
        self, admin: Client, notebook: Notebook, editor: Person, stranger: Person
    ) -> None:
        submit(admin, page_of(notebook), **{"memberships-0-user": stranger.user.pk})
        assert role_of(editor.actor, notebook.id) == Role.EDITOR
        assert role_of(stranger.actor, notebook.id) is None

    def test_one_role_for_each(self, admin: Client, notebook: Notebook, owner: Person) -> None:
        row = {"memberships-1-user": owner.user.pk, "memberships-1-role": Role.VIEWER}
        assert "duplicate data for user" in refusal(
            admin, page_of(notebook), **row, **{"memberships-TOTAL_FORMS": 2}
        )

    def test_no_op_is_not_on_record(self, admin: Client, administrator: Person, notebook: Notebook) -> None:
        submit(admin, page_of(notebook))
        assert not AuditEntry.objects.filter(actor_id=administrator.user.pk).exists()

    def test_of_a_person_with_many_notebooks(self, admin: Client, owner: Person) -> None:
        notebooks = Notebook.objects.bulk_create(Notebook(title=f"Notebook {i}") for i in range(400))
        rows = [Membership(notebook=notebook, user=owner.user, role=Role.OWNER) for notebook in notebooks]
        Membership.objects.bulk_create(rows)
        page = submit(admin, page_of(owner.user), first_name="Olga")
        assert page.status_code == 200
        owner.user.refresh_from_db()
        assert owner.user.first_name == "Olga"
        assert Membership.objects.filter(user=owner.user).count() == 400


class TestNotebooks:
    def test_to_look_at(self, admin: Client, notebook: Notebook, owner: Person) -> None:
        page = admin.get(NOTEBOOKS, {"q": owner.user.username})
        assert notebook.title in page.text
        assert owner.user.username in page.text
        assert admin.post(f"{NOTEBOOKS}{notebook.pk}/delete/", {"post": "yes"}).status_code == 403
        assert admin.get(f"{NOTEBOOKS}add/").status_code == 403
        submit(admin, page_of(notebook), title="Other")
        notebook.refresh_from_db()
        assert notebook.title == "A notebook"

    def test_saving_members_does_not_turn_seq_back(
        self, admin: Client, notebook: Notebook, owner: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A change commits after the page has read the notebook's row, and before it saves."""
        clean = MembershipFormSet.clean

        def clean_late(formset: MembershipFormSet) -> None:
            Notebook.objects.filter(pk=notebook.pk).update(seq=77)
            clean(formset)

        monkeypatch.setattr(MembershipFormSet, "clean", clean_late)
        row = {"memberships-1-user": new_person("late").user.pk, "memberships-1-role": Role.VIEWER}
        submit(admin, page_of(notebook), **row, **{"memberships-TOTAL_FORMS": 2})
        notebook.refresh_from_db()
        assert notebook.seq == 77

    def test_an_administrator_has_no_role(
        self, admin: Client, administrator: Person, notebook: Notebook
    ) -> None:
        assert role_of(administrator.actor, notebook.id) is None
        assert admin.get(f"/notebooks/{notebook.pk}/").status_code == 404
