"""The pages of a person's database connections."""

from apps.data.connections import connections_of
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.support.elsewhere import SECRET, Elsewhere
from tests.web.conftest import Browse

FORM = {
    "name": "shop",
    "kind": "postgresql",
    "host": "db.example.com",
    "port": "",
    "database": "sales",
    "user": "analyst",
    "secret": SECRET,
    "sslmode": "require",
    "is_read_only": "on",
    "timeout_s": "60",
    "max_queries": "2",
}


def test_a_connection_is_made_tested_shared_and_deleted(
    browse: Browse, owner: Person, notebook: Notebook, elsewhere: Elsewhere
) -> None:
    client = browse(owner)
    assert "No connections yet" in client.get("/connections/").text
    there = {"host": "127.0.0.1", "port": str(elsewhere.port), "database": "shop", "sslmode": ""}
    assert "is saved" in client.post("/connections/new/", FORM | there, follow=True).text
    (connection,) = connections_of(actor=owner.actor)
    assert (connection["is_read_only"], connection["timeout_s"], connection["max_queries"]) == (True, 60, 2)
    url = f"/connections/{connection['id']}/"
    assert "The connection works." in client.post(f"{url}test/", follow=True).text
    page = client.get(url)
    assert SECRET not in page.text
    assert "(empty: as it is)" in page.text

    page = client.post(f"{url}share/", {"notebook": str(notebook.id)}, follow=True)
    assert f"End the use in {notebook.title}" in page.text
    page = client.post(f"{url}share/", {"notebook": str(notebook.id), "end": "1"}, follow=True)
    assert "None yet" in page.text

    # The password stays, unless it would go to another server.
    client.post(url, FORM | there | {"secret": "", "name": "shop 2"})
    (connection,) = connections_of(actor=owner.actor)
    assert (connection["name"], connection["has_secret"]) == ("shop 2", True)
    page = client.post(url, FORM | there | {"secret": "", "host": "other.example.com"}, follow=True)
    assert "Enter it again" in page.text
    assert "It does not work" in client.post(f"{url}test/", follow=True).text
    client.post(f"{url}delete/")
    assert connections_of(actor=owner.actor) == []


def test_what_is_wrong_is_said_above_the_form(browse: Browse, owner: Person) -> None:
    client = browse(owner)
    for change, said in (
        ({"host": "/var/run/postgresql"}, "Sockets of this server cannot be used"),
        ({"port": "many"}, "port must be a whole number"),
        ({"timeout_s": "0"}, "from 1 to 3,600"),
        ({"name": " "}, "1 to 60 characters"),
        ({"sslmode": "none"}, "sslmode is one of"),
    ):
        page = client.post("/connections/new/", FORM | change)
        assert page.status_code == 400
        assert said in page.text
        assert 'value="analyst"' in page.text
        assert SECRET not in page.text


def test_others_get_nothing(browse: Browse, owner: Person, stranger: Person) -> None:
    browse(owner).post("/connections/new/", FORM)
    (connection,) = connections_of(actor=owner.actor)
    url = f"/connections/{connection['id']}/"
    assert browse(stranger).get(url).status_code == 404
    assert browse(stranger).post(url, FORM).status_code == 404
    assert browse(stranger).post(f"{url}delete/").status_code == 404
    browse(stranger).post(f"{url}test/")
    assert len(connections_of(actor=owner.actor)) == 1


def test_a_connection_by_url(browse: Browse, owner: Person) -> None:
    client = browse(owner)
    url = f"trino://analyst:{SECRET}@db.example.com:443/catalog"
    form = FORM | {"kind": "sqlalchemy", "host": "", "secret": "", "sslmode": ""}
    page = client.post("/connections/new/", form)
    assert page.status_code == 400
    assert "Give the whole URL" in page.text
    page = client.post("/connections/new/", form | {"url": url}, follow=True)
    assert "trino at db.example.com" in page.text
    (connection,) = connections_of(actor=owner.actor)
    path = f"/connections/{connection['id']}/"
    page = client.get(path)
    assert "(empty: as it is, trino at db.example.com)" in page.text
    assert SECRET not in page.text
    # What is empty stays.
    client.post(path, form | {"name": "lake", "url": ""})
    (changed,) = connections_of(actor=owner.actor)
    assert (changed["name"], changed["has_secret"], changed["database"]) == ("lake", True, "catalog")
    page = client.post(path, form | {"url": f"oracle://analyst:{SECRET}@db.example.com/x"})
    assert "NOTEBOOK_SQLALCHEMY_DIALECTS" in page.text
    assert SECRET not in page.text
