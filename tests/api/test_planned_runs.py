"""What a run would do, what it refuses, and what the notebook says of what its cells have to do with each other."""

from typing import Any

import pytest

from apps.api import responses
from apps.execution.models import CellRun, Run
from apps.notebooks.commands import configure_cell, configure_notebook, edit_cell
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell
from tests.support.processes import WorkerProcess


def dry_run(person: Person, notebook: Notebook, scope: str, cell: Cell | None = None) -> Any:
    body = {"scope": scope} | ({"cell": str(cell.id)} if cell else {})
    answer = Caller(person).post(f"notebooks/{notebook.id}/runs/?dry_run=1", body)
    return answer.shaped(responses.Plan)


def run(person: Person, notebook: Notebook, scope: str) -> Any:
    body = {"scope": scope, "wait_s": 60}
    return Caller(person).post(f"notebooks/{notebook.id}/runs/", body).shaped(responses.Run, 202)


def shown(person: Person, notebook: Notebook) -> Any:
    return Caller(person).get(f"notebooks/{notebook.id}/").shaped(responses.Notebook)["cells"]


def disable(person: Person, cell: Cell) -> None:
    configure_cell(actor=person.actor, notebook_id=cell.notebook_id, cell_id=cell.id, is_disabled=True)


def words_of(plan: Any) -> list[tuple[str, list[str]]]:
    return [(cell["cell_id"], [reason["text"] for reason in cell["reasons"]]) for cell in plan["cells"]]


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    """Text, and then three cells in a chain."""
    add_cell(owner, notebook, "# Sums", kind="markdown")
    return [add_cell(owner, notebook, source) for source in ("x = 1", "y = x + 1", "print(y)")]


# Plans.


def test_a_plan_says_what_would_run_and_why(editor: Person, notebook: Notebook, cells: list[Cell]) -> None:
    ids = [str(cell.id) for cell in cells]
    Cell.objects.filter(id=cells[0].id).update(elapsed_ms=1500)
    Cell.objects.filter(id=cells[2].id).update(elapsed_ms=250)
    plan = dry_run(editor, notebook, "cell", cells[1])
    assert words_of(plan) == [
        (ids[0], ["stale, and cell 3 needs it"]),
        (ids[1], ["you asked"]),
        (ids[2], ["reads y from cell 3"]),
    ]
    assert [cell["reasons"][0] for cell in plan["cells"]] == [
        {"kind": "stale_ancestor", "text": "stale, and cell 3 needs it", "cell_id": ids[1]},
        {"kind": "asked", "text": "you asked"},
        {"kind": "reads_from", "text": "reads y from cell 3", "name": "y", "cell_id": ids[1]},
    ]
    assert [cell["estimated_s"] for cell in plan["cells"]] == [1.5, None, 0.25]
    assert (plan["estimated_s"], plan["skipped"]) == (1.75, [])


def test_nothing_is_known_of_cells_that_never_ran(
    editor: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    assert dry_run(editor, notebook, "all")["estimated_s"] is None


def test_a_plan_is_only_told(editor: Person, notebook: Notebook, cells: list[Cell]) -> None:
    before = notebook.events.count()
    for scope in ("all", "stale"):
        assert len(dry_run(editor, notebook, scope)["cells"]) == 3
    assert not Run.objects.filter(notebook=notebook).exists()
    assert not CellRun.objects.filter(notebook=notebook).exists()
    assert notebook.events.count() == before
    assert {cell["status"] for cell in shown(editor, notebook)} == {"idle"}


def test_in_a_lazy_notebook_what_depends_on_a_cell_waits(
    editor: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    configure_notebook(actor=editor.actor, notebook_id=notebook.id, mode="lazy")
    plan = dry_run(editor, notebook, "cell", cells[1])
    assert [cell["cell_id"] for cell in plan["cells"]] == [str(cell.id) for cell in cells[:2]]


def test_a_plan_says_what_it_skips(editor: Person, notebook: Notebook, cells: list[Cell]) -> None:
    disable(editor, cells[1])
    plan = dry_run(editor, notebook, "all")
    assert [cell["cell_id"] for cell in plan["cells"]] == [str(cells[0].id)]
    because_of = {"kind": "disabled", "because_of": str(cells[1].id)}
    assert plan["skipped"] == [{"cell_id": str(cell.id)} | because_of for cell in cells[1:]]


def test_a_value_that_was_overwritten_is_made_again(
    owner: Person, notebook: Notebook, worker: WorkerProcess
) -> None:
    first, reader, _ = [add_cell(owner, notebook, source) for source in ("x = 1", "print(x)", "x = 2")]
    assert run(owner, notebook, "all")["status"] == "ok"
    plan = dry_run(owner, notebook, "cell", reader)
    assert words_of(plan) == [
        (str(first.id), ["its x, which cell 2 needs, was overwritten by cell 3"]),
        (str(reader.id), ["you asked"]),
    ]
    assert all(cell["estimated_s"] >= 0 for cell in plan["cells"])


def test_who_may_ask(
    viewer: Person, stranger: Person, notebook: Notebook, cells: list[Cell], owner: Person
) -> None:
    assert len(dry_run(viewer, notebook, "all")["cells"]) == 3
    path, body = f"notebooks/{notebook.id}/runs/", {"scope": "all"}
    Caller(viewer).post(path, body).refused(403, "forbidden")
    Caller(viewer).post(f"{path}?dry_run=0", body).refused(403, "forbidden")
    Caller(stranger).post(f"{path}?dry_run=1", body).refused(404, "not_found")
    Caller().post(f"{path}?dry_run=1", body).refused(401, "unauthenticated")


@pytest.mark.parametrize("query", ["dry_run=maybe", "dry_run=", "dry-run=1"])
def test_a_question_that_is_misspelt_runs_nothing(
    editor: Person, notebook: Notebook, cells: list[Cell], query: str
) -> None:
    Caller(editor).post(f"notebooks/{notebook.id}/runs/?{query}", {"scope": "all"}).refused(400, "invalid")
    assert not Run.objects.filter(notebook=notebook).exists()


# What never runs.


@pytest.mark.parametrize("query", ["", "?dry_run=1"])
def test_a_cell_that_cannot_run_is_refused_with_what_to_do(
    editor: Person, notebook: Notebook, cells: list[Cell], query: str
) -> None:
    disable(editor, cells[1])
    circle = [add_cell(editor, notebook, source) for source in ("a = b", "b = a")]
    path = f"notebooks/{notebook.id}/runs/{query}"
    for cell, message in (
        (cells[1], "This cell is disabled. Enable it to run it."),
        (cells[2], "This cell depends on a disabled one. Enable that to run it."),
        (
            circle[0],
            "This cell needs cells that need this one, so no order is right. Break the circle to run it.",
        ),
    ):
        body = {"scope": "cell", "cell": str(cell.id)}
        assert Caller(editor).post(path, body).refused(400, "invalid")["message"] == message
    body = {"scope": "below", "cell": str(cells[1].id)}
    message = "All the cells there are disabled, depend on disabled ones, or need each other."
    assert Caller(editor).post(path, body).refused(400, "invalid")["message"] == message
    assert not Run.objects.filter(notebook=notebook).exists()


# What is stale.


def test_a_run_of_what_is_stale(owner: Person, notebook: Notebook, cells: list[Cell]) -> None:
    disable(owner, cells[2])
    body = {"scope": "stale"}
    queued = Caller(owner).post(f"notebooks/{notebook.id}/runs/", body).shaped(responses.Run, 202)
    assert [cell["cell_id"] for cell in queued["cells"]] == [str(cell.id) for cell in cells[:2]]
    assert (queued["scope"], queued["status"]) == ("stale", "queued")


def test_a_run_of_what_is_stale_when_nothing_is(editor: Person, notebook: Notebook) -> None:
    before = notebook.events.count()
    ended = run(editor, notebook, "stale")
    assert (ended["status"], ended["cells"]) == ("ok", [])
    events = [event.payload for event in notebook.events.order_by("seq")[before:]]
    assert [event["type"] for event in events] == ["run_started", "run_finished"]
    plan = dry_run(editor, notebook, "stale")
    assert plan == {"cells": [], "skipped": [], "estimated_s": None}


def test_the_notebook_says_who_reads_what_and_what_is_stale(
    owner: Person, viewer: Person, notebook: Notebook, cells: list[Cell], worker: WorkerProcess
) -> None:
    def stale() -> list[tuple[bool, str | None]]:
        return [(cell["stale"], cell["stale_reason"]) for cell in shown(viewer, notebook)]

    text, *others = shown(viewer, notebook)
    assert (text["reads"], text["writes"], text["stale"], text["stale_reason"]) == ({}, [], False, None)
    assert [cell["reads"] for cell in others] == [{}, {"x": str(cells[0].id)}, {"y": str(cells[1].id)}]
    assert [cell["writes"] for cell in others] == [["x"], ["y"], []]
    assert stale() == [(False, None)] + [(True, "never_ran")] * 3

    run(owner, notebook, "all")
    assert stale() == [(False, None)] * 4
    assert run(owner, notebook, "stale")["cells"] == []

    edit_cell(
        actor=owner.actor,
        notebook_id=notebook.id,
        cell_id=cells[1].id,
        source="y = x + 2",
        expected_version=0,
    )
    assert stale() == [(False, None), (False, None), (True, "source_changed"), (True, "producer_stale")]

    ran = run(owner, notebook, "stale")
    assert [(cell["cell_id"], cell["status"]) for cell in ran["cells"]] == [
        (str(cell.id), "ok") for cell in cells[1:]
    ]
    assert stale() == [(False, None)] * 4
