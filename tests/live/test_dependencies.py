"""Who hears when what cells have to do with each other: docs/protocol.md, "Dependencies" and "Plans"."""

from typing import Any

import pytest

from apps.notebooks.commands import create_cell, delete_cell
from apps.notebooks.models import Cell, Notebook
from apps.notebooks.positions import START
from tests.support.cast import Person, add_cell, write
from tests.support.processes import WebProcess, WorkerProcess
from tests.support.socket import Frame, NotebookSocket

NEVER_RAN = {"reason": "never_ran"}

Known = dict[str, Any]


class Watcher:
    """A socket that is open, and what it knows of the dependencies by now."""

    def __init__(self, socket: NotebookSocket) -> None:
        self.socket = socket
        socket.open()
        whole = self.next_frame()
        assert whole["is_whole"]
        self.known: Known = whole["cells"]
        self.cycles: list[Frame] = whole["cycles"]

    def next_frame(self) -> Frame:
        return self.socket.wait_for(lambda frame: frame["type"] == "dependencies")

    def told(self) -> Known:
        """The cells of the next frame, which tells differences."""
        frame = self.next_frame()
        assert not frame["is_whole"]
        self.cycles = frame["cycles"]
        after = self.known | frame["cells"]
        assert {cell_id for cell_id in after if after[cell_id] != self.known.get(cell_id)} == set(
            frame["cells"]
        )
        self.known = {cell_id: cell for cell_id, cell in after.items() if cell is not None}
        cells: Known = frame["cells"]
        return cells

    def run(self, **wanted: Any) -> None:
        """Run, and hear of it until nothing is stale."""
        self.socket.result("run", **wanted)
        while any(cell["stale"] for cell in self.known.values()):
            self.told()


@pytest.fixture
def cells(owner: Person, notebook: Notebook) -> list[Cell]:
    """`b` reads what `a` writes; `c` and the text have nothing to do with them."""
    add_cell(owner, notebook, "# Words", kind="markdown")
    return [add_cell(owner, notebook, source) for source in ("x = 1", "print(x)", "z = 3")]


def ids_of(cells: list[Cell]) -> list[str]:
    return [str(cell.id) for cell in cells]


def dependencies(**fields: Any) -> Frame:
    nothing: Frame = {
        "reads": {},
        "writes": [],
        "stale": None,
        "obstacle": None,
        "error": None,
        "warnings": [],
    }
    return nothing | fields


def test_all_is_told_after_open(
    server: WebProcess, viewer: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, c = ids_of(cells)
    with NotebookSocket(server, notebook.id, viewer) as socket:
        watcher = Watcher(socket)
    assert watcher.known == {
        a: dependencies(writes=["x"], stale=NEVER_RAN),
        b: dependencies(reads={"x": a}, stale=NEVER_RAN),
        c: dependencies(writes=["z"], stale=NEVER_RAN),
    }
    assert list(watcher.known) == [a, b, c]
    assert watcher.cycles == []


def test_an_edit_tells_only_what_changed(
    server: WebProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, c = ids_of(cells)
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        write(owner, cells[2], "z = x")
        assert watcher.told() == {c: dependencies(reads={"x": a}, writes=["z"], stale=NEVER_RAN)}
        # From now on it is this one that writes what the second reads.
        new = create_cell(
            actor=owner.actor, notebook_id=notebook.id, kind="python", source="x = 5", after=cells[0].id
        )
        told = watcher.told()
        assert {cell_id: cell["reads"] for cell_id, cell in told.items()} == {
            str(new.id): {},
            b: {"x": str(new.id)},
            c: {"x": str(new.id)},
        }


def test_stale_comes_with_an_edit_and_goes_with_a_run(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, c = ids_of(cells)
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        watcher.run(scope="all")
        fresh = watcher.known
        # No name of it changes, so all else is as before.
        write(owner, cells[0], "x = 2")
        assert watcher.told() == {
            a: fresh[a] | {"stale": {"reason": "source_changed"}},
            b: fresh[b] | {"stale": {"reason": "producer_stale", "name": "x", "cell_id": a}},
        }
        watcher.run(scope="cell", cell_id=a)
        assert watcher.known == fresh
        # What has the text with which it ran is not stale.
        write(owner, cells[2], "z = 4")
        assert watcher.told() == {c: fresh[c] | {"stale": {"reason": "source_changed"}}}
        write(owner, cells[2], "z = 3")
        assert watcher.told() == {c: fresh[c]}


def test_in_a_lazy_notebook_what_reads_from_a_cell_stays_stale(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, _ = ids_of(cells)
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        watcher.run(scope="all")
        socket.result("notebook_configure", mode="lazy")
        socket.result("run", scope="cell", cell_id=a)
        assert {cell_id: cell["stale"] for cell_id, cell in watcher.told().items()} == {
            b: {"reason": "input_changed", "name": "x"}
        }
        watcher.run(scope="stale")


def test_a_restart_makes_all_stale(
    server: WebProcess, worker: WorkerProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        watcher.run(scope="all")
        socket.result("restart")
        assert {cell_id: cell["stale"] for cell_id, cell in watcher.told().items()} == dict.fromkeys(
            ids_of(cells), NEVER_RAN
        )


def test_a_cell_that_is_gone_is_null(
    server: WebProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, c = ids_of(cells)
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        delete_cell(actor=owner.actor, notebook_id=notebook.id, cell_id=cells[0].id)
        assert watcher.told() == {a: None, b: dependencies(stale=NEVER_RAN)}
        socket.result("cell_configure", cell_id=c, kind="markdown")
        assert watcher.told() == {c: None}
        socket.result("cell_restore", cell_id=a)
        assert watcher.told() == {
            a: dependencies(writes=["x"], stale=NEVER_RAN),
            b: dependencies(reads={"x": a}, stale=NEVER_RAN),
        }


def test_a_cycle_is_told_until_it_is_broken(
    server: WebProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, _ = ids_of(cells)
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        write(owner, cells[0], "x = y")  # which nobody binds yet
        write(owner, cells[1], "y = x")
        obstacle = {"kind": "cycle", "cell_id": a}
        told = watcher.told()
        assert (told[a]["obstacle"], told[a]["stale"]) == (obstacle, None)
        assert told[b]["obstacle"]["kind"] == "cycle"
        assert watcher.cycles == [{"cell_ids": [a, b], "names": ["x", "y"]}]
        write(owner, cells[0], "x = 1")
        told = watcher.told()
        assert [told[cell_id]["obstacle"] for cell_id in (a, b)] == [None, None]
        assert watcher.cycles == []


def test_a_disabled_cell_and_those_that_need_it_have_an_obstacle(
    server: WebProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, _ = ids_of(cells)
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        before = watcher.known
        assert socket.result("cell_configure", cell_id=a, is_disabled=True) == {}
        assert socket.event("cell_configured") == {
            "type": "cell_configured",
            "cell_id": a,
            "kind": "python",
            "is_disabled": True,
            "result_name": "",
            "connection_id": None,
            "cache_seconds": 0,
            "metadata": {},
        }
        disabled = {"obstacle": {"kind": "disabled", "cell_id": a}, "stale": None}
        assert watcher.told() == {a: before[a] | disabled, b: before[b] | disabled}
        refused = socket.call("run", scope="cell", cell_id=b)["error"]
        assert (refused["code"], refused["message"]) == (
            "invalid",
            "This cell depends on a disabled one. Enable that to run it.",
        )
        socket.result("cell_configure", cell_id=a, is_disabled=False)
        watcher.told()
        assert watcher.known == before


def test_while_a_text_cannot_be_read_the_cell_does_what_it_did(
    server: WebProcess, owner: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a = str(cells[0].id)
    with NotebookSocket(server, notebook.id, owner) as socket:
        watcher = Watcher(socket)
        before = watcher.known
        write(owner, cells[0], "x = (")
        told = watcher.told()
        assert "line 1" in told[a]["error"]
        assert told == {a: before[a] | {"error": told[a]["error"]}}
        write(owner, cells[0], "x = (2)")
        watcher.told()
        assert watcher.known == before


def test_all_sockets_hear_the_same_and_a_later_one_all(
    server: WebProcess, owner: Person, viewer: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    with NotebookSocket(server, notebook.id, owner) as one:
        first = Watcher(one)
        with NotebookSocket(server, notebook.id, viewer) as two:
            second = Watcher(two)
            assert second.known == first.known
            write(owner, cells[2], "z = x")
            assert first.told() == second.told()
            with NotebookSocket(server, notebook.id, viewer) as three:
                third = Watcher(three)
                assert third.known == first.known
                create_cell(
                    actor=owner.actor, notebook_id=notebook.id, kind="python", source="print(z)", after=START
                )
                assert first.told() == second.told() == third.told()


def test_a_plan_can_be_asked_for(
    server: WebProcess, viewer: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    a, b, _ = ids_of(cells)
    with NotebookSocket(server, notebook.id, viewer) as socket:
        plan = socket.result("plan", scope="cell", cell_id=b)
        assert plan == {
            "cells": [
                {
                    "cell_id": a,
                    "reasons": [
                        {"kind": "stale_ancestor", "text": "stale, and cell 3 needs it", "cell_id": b}
                    ],
                    "estimated_s": None,
                },
                {
                    "cell_id": b,
                    "reasons": [{"kind": "asked", "text": "you asked"}],
                    "estimated_s": None,
                },
            ],
            "skipped": [],
            "estimated_s": None,
        }
        assert len(socket.result("plan", scope="stale")["cells"]) == 3
        assert "scope must be" in socket.call("plan", scope="some")["error"]["message"]
        assert "needs a cell" in socket.call("plan", scope="cell")["error"]["message"]


def test_the_mode_is_told_to_all(
    server: WebProcess, owner: Person, viewer: Person, notebook: Notebook
) -> None:
    with (
        NotebookSocket(server, notebook.id, owner) as one,
        NotebookSocket(server, notebook.id, viewer) as two,
    ):
        assert one.open()["notebook"]["mode"] == "auto"
        two.open()
        assert one.result("notebook_configure", mode="lazy") == {}
        assert two.event("notebook_configured") == {
            "type": "notebook_configured",
            "mode": "lazy",
            "language": "python",
        }
        for fields, message in (({"mode": "eager"}, "mode must be one of"), ({}, "mode must be a string")):
            error = one.call("notebook_configure", **fields)["error"]
            assert error["code"] == "invalid"
            assert message in error["message"]
    with NotebookSocket(server, notebook.id, owner) as socket:
        assert socket.open()["notebook"]["mode"] == "lazy"


def test_viewers_configure_nothing(
    server: WebProcess, viewer: Person, notebook: Notebook, cells: list[Cell]
) -> None:
    place = {"cell_id": str(cells[0].id)}
    with NotebookSocket(server, notebook.id, viewer) as socket:
        assert socket.call("notebook_configure", mode="lazy")["error"]["code"] == "forbidden"
        assert socket.call("cell_configure", **place, is_disabled=True)["error"]["code"] == "forbidden"
        assert socket.call("cell_configure", **place, is_disabled="yes")["error"]["code"] == "invalid"
        shown = socket.open()["notebook"]
    assert (shown["mode"], {cell["is_disabled"] for cell in shown["cells"]}) == ("auto", {False})
