"""notebooks/{id}/members/"""

from typing import Any

import pytest

from apps.accounts.models import Role
from apps.api import responses
from apps.notebooks.models import Notebook
from tests.api.caller import Caller
from tests.support.cast import Person


def members(person: Person, notebook: Notebook) -> dict[str, str]:
    listed = Caller(person).get(f"notebooks/{notebook.id}/members/").shaped(responses.MemberList)["members"]
    return {member["username"]: member["role"] for member in listed}


def test_list(owner: Person, viewer: Person, notebook: Notebook) -> None:
    assert members(viewer, notebook) == {owner.user.username: Role.OWNER, viewer.user.username: Role.VIEWER}


def test_share_promote_and_withdraw(owner: Person, stranger: Person, notebook: Notebook) -> None:
    path, name = f"notebooks/{notebook.id}/members/", stranger.user.username
    for role in (Role.VIEWER, Role.EDITOR, Role.EDITOR):
        member = Caller(owner).put(path, {"username": name, "role": role}).shaped(responses.Member)
        assert member == {"username": name, "role": role}
        assert members(stranger, notebook)[name] == role
    assert Caller(owner).delete(path, username=name).status == 204
    Caller(stranger).get(path).refused(404, "not_found")


def test_a_notebook_keeps_an_owner(owner: Person, editor: Person, notebook: Notebook) -> None:
    path, name = f"notebooks/{notebook.id}/members/", owner.user.username
    Caller(owner).put(path, {"username": name, "role": "viewer"}).refused(400, "invalid")
    Caller(owner).delete(path, username=name).refused(400, "invalid")
    Caller(owner).put(path, {"username": editor.user.username, "role": "owner"}).shaped(responses.Member)
    assert Caller(owner).delete(path, username=name).status == 204
    assert members(editor, notebook) == {editor.user.username: Role.OWNER}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "x"},
        {"username": "x", "role": "king"},
        {"username": "", "role": "viewer"},
        {"username": 5, "role": "viewer"},
        {"username": "x\x00", "role": "viewer"},
        {"username": "x", "role": "viewer", "email": "x"},
    ],
)
def test_malformed(owner: Person, notebook: Notebook, body: Any) -> None:
    Caller(owner).put(f"notebooks/{notebook.id}/members/", body).refused(400, "invalid")


def test_nobody(owner: Person, notebook: Notebook) -> None:
    path = f"notebooks/{notebook.id}/members/"
    Caller(owner).put(path, {"username": "nobody", "role": "viewer"}).refused(404, "not_found")
    Caller(owner).delete(path, username="nobody").refused(404, "not_found")
    Caller(owner).delete(path).refused(400, "invalid")


def test_roles(notebook: Notebook, editor: Person, viewer: Person, stranger: Person) -> None:
    path, body = f"notebooks/{notebook.id}/members/", {"username": stranger.user.username, "role": "owner"}
    for caller, status, code in (
        (Caller(editor), 403, "forbidden"),
        (Caller(viewer), 403, "forbidden"),
        (Caller(stranger), 404, "not_found"),
        (Caller(), 401, "unauthenticated"),
    ):
        caller.put(path, body).refused(status, code)
        caller.delete(path, username=viewer.user.username).refused(status, code)
    Caller(stranger).get(path).refused(404, "not_found")
    assert len(members(viewer, notebook)) == 3
