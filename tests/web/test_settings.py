"""The page of settings, without scripts."""

from apps.accounts.preferences import preferences_of, set_preferences
from apps.notebooks.models import Notebook
from tests.support.cast import Person
from tests.web.conftest import Browse


def test_the_form_keeps_what_was_chosen(browse: Browse, owner: Person) -> None:
    client = browse(owner)
    assert 'value="system" checked' in client.get("/settings/").text
    chosen = {"theme": "dark", "code_size": "huge", "key_map": "emacs", "has_line_numbers": "on"}
    page = client.post("/settings/", chosen, follow=True).text
    assert "Saved." in page
    assert 'value="dark" checked' in page
    assert preferences_of(owner.actor) == chosen | {"has_line_numbers": True}
    page = client.post("/settings/", chosen | {"theme": "pink"}, follow=True).text
    assert "“theme” is one of: system, light, dark." in page
    assert preferences_of(owner.actor)["theme"] == "dark"


def test_every_page_has_them_before_a_script_runs(browse: Browse, owner: Person, notebook: Notebook) -> None:
    set_preferences(actor=owner.actor, theme="dark", code_size="large", has_line_numbers=True)
    client = browse(owner)
    for path in ("/", "/trash/", "/settings/", f"/notebooks/{notebook.id}/", "/notebooks/nowhere/"):
        page = client.get(path).text
        assert (
            '<html lang="en" data-theme="dark" data-code-size="large" data-key-map="jupyter" data-line-numbers="true">'
            in page
        ), path


def test_nobody_is_logged_in(browse: Browse, owner: Person) -> None:
    browser = browse(owner)
    browser.logout()
    assert browser.get("/settings/").headers["Location"] == "/login/?next=/settings/"
    assert '<html lang="en">' in browser.get("/login/").text
