"""Database connections in Django admin."""

from apps.data.commands import create_connection, share_connection
from apps.data.connection_parts import Parts
from apps.notebooks.models import Notebook
from tests.support.administration import browser_of, new_administrator
from tests.support.cast import Person
from tests.support.elsewhere import SECRET

PATH = "/admin/data/connection/"


def test_what_there_is_without_passwords(owner: Person, notebook: Notebook) -> None:
    url = f"postgresql://analyst:{SECRET}@db.example.com/shop"
    connection = create_connection(actor=owner.actor, parts=Parts(name="the shop", url=url))
    share_connection(actor=owner.actor, connection_id=connection.id, notebook_id=notebook.id)
    client = browser_of(new_administrator())
    listed = client.get(PATH).content.decode()
    shown = client.get(f"{PATH}{connection.id}/change/").content.decode()
    for text in (listed, shown):
        assert "the shop" in text
        assert "db.example.com" in text
        assert owner.user.username in text
        assert SECRET not in text
        assert connection.sealed_secret not in text
    assert notebook.title in shown
    # Nor can it be found letter by letter.
    guess = client.get(PATH, {"sealed_secret__startswith": connection.sealed_secret[:1]})
    assert guess.status_code in (302, 400)


def test_nobody_changes_them_here(owner: Person) -> None:
    parts = Parts(name="shop", kind="postgresql", host="db.example.com")
    connection = create_connection(actor=owner.actor, parts=parts)
    client = browser_of(new_administrator())
    assert client.get(f"{PATH}add/").status_code == 403
    assert client.post(f"{PATH}{connection.id}/change/", {"name": "mine"}).status_code == 403
    assert client.post(f"{PATH}{connection.id}/delete/", {"post": "yes"}).status_code == 403
    assert browser_of(owner).get(PATH).status_code in (302, 403)
