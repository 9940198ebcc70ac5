"""Names that people give themselves and things, in the pages of others: they are text wherever they are shown."""

import socket
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from apps.accounts.models import Membership, Role
from apps.assistant.models import Conversation
from apps.data.commands import create_connection, share_connection
from apps.data.connection_parts import Parts
from apps.notebooks.commands import (
    create_notebook,
    delete_cell,
    delete_notebook,
    tag_notebook,
)
from apps.notebooks.models import Notebook
from tests.browser.conftest import Tab
from tests.browser.hostile import assert_nothing_left, assert_nothing_ran
from tests.browser.hostile_payloads import NAMES
from tests.support.administration import new_administrator
from tests.support.cast import Person, add_cell, new_person, write
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.running import run_and_wait

OpenTab = Callable[[Person], Tab]

# So short that each has room in a tag.
SHORT = [name.replace("JS", "__pwn=1") for name in NAMES]
LISTED = (
    "accounts/user",
    "notebooks/notebook",
    "data/connection",
    "journal/auditentry",
    "assistant/conversation",
)


@pytest.fixture
def watched(open_tab: OpenTab, server: WebProcess, owner: Person, other_site: socket.socket) -> Iterator[Tab]:
    """The owner's tab. In the end nothing has run in it, and nothing was asked of any other server."""
    tab = open_tab(owner)
    asked: list[str] = []
    tab.page.context.on("requestfinished", lambda request: asked.append(request.url))
    yield tab
    assert_nothing_ran(tab.page)
    assert_nothing_left(asked, server, other_site)


def expect_shown(tab: Tab, place: Locator, names: list[str]) -> None:
    """Each as it was written: this is where it could have done harm."""
    for name in names:
        expect(place.get_by_text(name).first).to_be_attached()
    assert_nothing_ran(tab.page)


def test_people(
    watched: Tab, open_tab: OpenTab, worker: WorkerProcess, owner: Person, notebook: Notebook
) -> None:
    cell = add_cell(owner, notebook, "x = 1")
    people = [new_person(name) for name in SHORT]
    names = [person.user.username for person in people]
    for person in people:
        Membership.objects.create(notebook=notebook, user=person.user, role=Role.EDITOR)
        write(person, cell, f"x = {len(person.user.username)}\n{person.user.id}")
        create_connection(actor=person.actor, parts=Parts(name="shop", kind="sqlite", database="shop.db"))
        share_connection(
            actor=person.actor, connection_id=person.user.connections.get().id, notebook_id=notebook.id
        )
    query = add_cell(owner, notebook, "SELECT 1", kind="sql")
    delete_cell(actor=people[0].actor, notebook_id=notebook.id, cell_id=add_cell(owner, notebook, "gone").id)
    run_and_wait(people[0], notebook, "cell", cell)
    others = [open_tab(person) for person in people]
    for other in others:
        other.open(f"/notebooks/{notebook.id}/")
        assert_nothing_ran(other.page)
    page = watched.page
    watched.open(f"/notebooks/{notebook.id}/")
    expect(page.locator("tandem-people").get_by_role("button")).to_have_count(len(people))
    for name in names:
        expect(page.locator("tandem-people").get_by_role("button", name=name)).to_be_attached()
    # Their cursors carry their names too.
    others[1].cell(0).locator(".cm-content").click()
    expect(page.locator(".remote-caret").first).to_be_attached()
    expect(watched.cell(0).locator("[data-part=note]")).to_contain_text(names[0])
    watched.cell(1).get_by_label("Source").focus()
    expect_shown(watched, watched.cell(1).get_by_label("Source"), [f"of {name}" for name in names])
    watched.cell(0).focus()
    page.keyboard.press("h")
    expect_shown(watched, page.locator("tandem-timeline"), names)
    page.get_by_role("tab", name="Deleted cells").click()
    expect_shown(watched, page.get_by_role("tabpanel", name="Deleted cells"), names[:1])
    page.goto(f"/notebooks/{notebook.id}/sharing/")
    expect_shown(watched, page.locator("main"), names)
    assert query.connection_id is None


def test_lists(watched: Tab, owner: Person) -> None:
    page = watched.page
    for name in SHORT:
        notebook = create_notebook(actor=owner.actor, title=name)
        tag_notebook(actor=owner.actor, notebook_id=notebook.id, tags=[name.replace(",", "")])
        add_cell(owner, notebook, f"needle = 1 # {name}")
        parts = Parts(name=name, kind="sqlite", database=f"{name}.db".replace("/", ""))
        create_connection(actor=owner.actor, parts=parts)
        watched.open(f"/notebooks/{notebook.id}/")
        expect(page).to_have_title(f"{name} · Tandem")
        assert_nothing_ran(page)
    page.goto("/")
    expect_shown(watched, page.locator(".notebook-title"), SHORT)
    expect_shown(watched, page.locator(".notebook-tags"), SHORT)
    page.locator(".home-filters .tag").filter(has_text=SHORT[0]).first.click()
    expect(page.locator(".notebook-title")).to_have_text([SHORT[0]])
    page.get_by_label("Search titles and cells").fill("needle")
    page.get_by_label("Search titles and cells").press("Enter")
    expect(page.locator(".notebook-found")).to_contain_text([SHORT[0]])
    for name in SHORT:
        page.goto("/")
        page.get_by_label("Search titles and cells").fill(f"nothing {name}")
        page.get_by_label("Search titles and cells").press("Enter")
        expect_shown(watched, page.locator("main"), [f"nothing {name}"])
    page.goto("/connections/")
    expect_shown(watched, page.locator("main"), SHORT)
    for notebook in Notebook.objects.filter(memberships__user=owner.user):
        delete_notebook(actor=owner.actor, notebook_id=notebook.id)
    page.goto("/trash/")
    expect_shown(watched, page.locator("main"), SHORT)


def test_administration(open_tab: OpenTab, server: WebProcess, owner: Person) -> None:
    for name in SHORT:
        person = new_person(name)
        notebook = create_notebook(actor=person.actor, title=name)
        create_connection(actor=person.actor, parts=Parts(name=name, kind="sqlite", database="shop.db"))
        Conversation.objects.create(notebook=notebook, title=name, model="claude", created_by=person.user)
    tab = open_tab(new_administrator())
    for address in (
        "accounts/user/?q=pwn",
        "notebooks/notebook/?q=pwn",
        "data/connection/?q=pwn",
        "journal/auditentry/",
        "assistant/conversation/?q=pwn",
    ):
        tab.page.goto(f"/admin/{address}")
        expect_shown(tab, tab.page.locator("#content"), SHORT)
