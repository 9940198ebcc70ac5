"""Django admin in tests: administrators, browsers without scripts, and forms as a browser sends them back."""

from typing import Any

from django.test import Client

from tests.support.cast import Person, new_person


def new_administrator() -> Person:
    person = new_person("administrator")
    person.user.is_staff = person.user.is_superuser = True
    person.user.save()
    return person


def browser_of(person: Person) -> Client:
    """Logged in as that person."""
    client = Client()
    client.force_login(person.user)
    return client


def submit(client: Client, path: str, **values: Any) -> Any:
    """Open the page of a form, fill `values` in and save it; None unticks a box. The page after."""
    page = _send(client, path, values)
    assert page.redirect_chain, _errors_of(page)
    return page


def refusal(client: Client, path: str, **values: Any) -> str:
    """As `submit`, of a form that comes back: what it says is wrong."""
    page = _send(client, path, values)
    assert not page.redirect_chain
    return _errors_of(page)


def run_action(client: Client, path: str, action: str, *rows: Any) -> Any:
    """Tick the rows of a list and run the action. Follows the redirect."""
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(path, data, follow=True)


def _send(client: Client, path: str, values: dict[str, Any]) -> Any:
    page = client.get(path)
    assert page.status_code == 200, page
    data = _filled_in(page.context) | values
    return client.post(path, {name: value for name, value in data.items() if value is not None}, follow=True)


def _filled_in(context: Any) -> dict[str, Any]:
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def _errors_of(page: Any) -> str:
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    errors = [page.context["adminform"].form.errors, *(formset.errors for formset in formsets)]
    return str([*errors, *(formset.non_form_errors() for formset in formsets)])
