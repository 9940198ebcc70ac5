"""The page that shows and changes who may see a notebook."""

from apps.accounts.access import role_of
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.web.conftest import Browse


def test_an_owner_shares_changes_and_withdraws(
    browse: Browse, owner: Person, stranger: Person, notebook: Notebook
) -> None:
    client, url, name = browse(owner), f"/notebooks/{notebook.id}/sharing/", stranger.user.username
    for role in ("viewer", "editor", ""):
        answer = client.post(f"{url}share/", {"username": name, "role": role}, follow=True)
        assert answer.redirect_chain[-1][0] == url
        assert role_of(stranger.actor, notebook.id) == (role or None)
    assert "has no access any more" in answer.text


def test_what_is_wrong_is_said_on_the_page(browse: Browse, owner: Person, notebook: Notebook) -> None:
    client, url = browse(owner), f"/notebooks/{notebook.id}/sharing/"
    answer = client.post(f"{url}share/", {"username": "nobody", "role": "viewer"}, follow=True)
    assert "There is no user" in answer.text
    answer = client.post(f"{url}share/", {"username": owner.user.username, "role": ""}, follow=True)
    assert "needs an owner" in answer.text


def test_others_look_or_get_nothing(
    browse: Browse, editor: Person, viewer: Person, stranger: Person, notebook: Notebook
) -> None:
    url = f"/notebooks/{notebook.id}/sharing/"
    for person in (editor, viewer):
        page = browse(person).get(url)
        assert "Only an owner changes" in page.text
        form = {"username": person.user.username, "role": "owner"}
        assert browse(person).post(f"{url}share/", form).status_code == 403
    assert browse(stranger).get(url).status_code == 404
    assert browse(stranger).post(f"{url}share/", {"username": "x", "role": "viewer"}).status_code == 404
