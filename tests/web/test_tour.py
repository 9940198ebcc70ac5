"""The tour, from the empty list."""

from apps.notebooks.models import Cell, Notebook
from apps.notebooks.tour import CELLS, TITLE
from tests.support.cast import Person
from tests.web.conftest import Browse


def test_whoever_has_no_notebook_is_offered_it(browse: Browse, owner: Person, stranger: Person) -> None:
    client = browse(stranger)
    assert "Take the tour" in client.get("/").text
    address = client.post("/notebooks/tour/").headers["Location"]
    notebook = Notebook.objects.get(title=TITLE, memberships__user=stranger.user)
    assert address == f"/notebooks/{notebook.id}/"
    cells = Cell.objects.filter(notebook=notebook).order_by("order_key")
    assert list(cells.values_list("kind", "source")) == list(CELLS)
    assert "Take the tour" not in client.get("/").text
    assert browse(owner).get(address).status_code == 404


def test_it_is_made_by_a_click_alone(browse: Browse, stranger: Person) -> None:
    assert browse(stranger).get("/notebooks/tour/").status_code == 405
