"""History, checkpoints, undo, split and merge over REST."""

from uuid import uuid4

import pytest

from apps.api import responses
from apps.notebooks.models import Cell, Notebook
from tests.api.caller import Caller
from tests.support.cast import Person, add_cell


def path_of(cell: Cell, rest: str = "") -> str:
    return f"notebooks/{cell.notebook_id}/cells/{cell.id}/{rest}"


def write(caller: Caller, cell: Cell, source: str) -> None:
    version = caller.get(path_of(cell, "history/")).json["version"]
    caller.patch(path_of(cell), {"source": source, "expected_version": version})


def test_history_of_a_cell(editor: Person, cell: Cell) -> None:
    caller = Caller(editor)
    for source in ("x = 2", "x = 3"):
        write(caller, cell, source)
    history = caller.get(path_of(cell, "history/")).shaped(responses.CellHistory)
    (entry,) = history["entries"]
    assert (history["version"], entry["from_version"], entry["version"], entry["count"]) == (2, 0, 2, 2)
    assert entry["actor"] == {"kind": "token", "label": f"{editor.user.get_username()} (tests)"}
    assert caller.get(path_of(cell, "history/"), before_version=1).json["entries"] == []
    assert caller.get(path_of(cell, "versions/1/")).shaped(responses.CellVersion) == {
        "version": 1,
        "source": "x = 2",
    }
    caller.get(path_of(cell, "versions/9/")).refused(400, "invalid")
    restored = caller.post(path_of(cell, "versions/0/restore/"), {"expected_version": 2}).json
    assert (restored["version"], restored["source"]) == (3, "x = 1")
    caller.post(path_of(cell, "versions/1/restore/"), {"expected_version": 2}).refused(409, "conflict")


def test_split_merge_delete_and_restore(editor: Person, notebook: Notebook, cell: Cell) -> None:
    caller = Caller(editor)
    new = caller.post(path_of(cell, "split/"), {"version": 0, "position": 1}).shaped(responses.Cell, 201)
    assert new["source"] == " = 1"
    caller.post(path_of(cell, "split/"), {"version": 0, "position": 1}).refused(409, "conflict")
    merged = caller.post(
        path_of(cell, "merge/"), {"version": 1, "next_cell_id": new["id"], "next_version": 0}
    ).json
    assert merged["source"] == "x\n = 1"
    (deleted,) = caller.get(f"notebooks/{notebook.id}/deleted-cells/").shaped(responses.DeletedCellList)[
        "cells"
    ]
    assert (deleted["id"], deleted["source"]) == (new["id"], " = 1")
    restored = caller.post(f"notebooks/{notebook.id}/cells/{new['id']}/restore/", {}).json
    assert restored["source"] == " = 1"
    sources = [each["source"] for each in caller.get(f"notebooks/{notebook.id}/").json["cells"]]
    assert sources == ["x\n = 1", " = 1"]


def test_checkpoints(editor: Person, notebook: Notebook, cell: Cell) -> None:
    caller = Caller(editor)
    folder = f"notebooks/{notebook.id}/checkpoints/"
    checkpoint = caller.post(folder, {"name": "Draft"}).shaped(responses.Checkpoint, 201)
    write(caller, cell, "x = 2")
    assert caller.get(folder).shaped(responses.CheckpointList)["checkpoints"] == [checkpoint]
    differences = caller.get(f"{folder}{checkpoint['id']}/").shaped(responses.CheckpointDiff)["cells"]
    assert [(each["change"], each["after"]["source"]) for each in differences] == [("changed", "x = 2")]
    assert caller.post(f"{folder}{checkpoint['id']}/restore/", {}).status == 204
    assert caller.get(f"{folder}{checkpoint['id']}/").json["cells"] == []
    caller.get(f"{folder}{uuid4()}/").refused(404, "not_found")
    caller.post(folder, {"name": ""}).refused(400, "invalid")


def test_undo(owner: Person, editor: Person, notebook: Notebook) -> None:
    cell = add_cell(owner, notebook, "one\ntwo")
    write(Caller(editor), cell, "one\nTWO")
    write(Caller(owner), cell, "zero\none\nTWO")
    body = {
        "actor": {"kind": "token", "label": f"{editor.user.get_username()} (tests)"},
        "edits": [{"cell_id": str(cell.id), "from_version": 0, "version": 2}],
    }
    undone = Caller(owner).post(f"notebooks/{notebook.id}/undo/", body).shaped(responses.UndoneCellList)
    assert undone == {"cells": [{"cell_id": str(cell.id), "outcome": "undone", "version": 3}]}
    assert Caller(owner).get(path_of(cell, "versions/3/")).json["source"] == "zero\none\ntwo"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"actor": {"kind": "user", "label": "x"}},
        {"actor": {"kind": "ghost", "label": "x"}, "edits": []},
        {"actor": {"kind": "user", "label": "x"}, "edits": [{"cell_id": "1"}]},
        {"actor": {"kind": "user", "label": "x"}, "edits": {}},
    ],
)
def test_malformed_undo(owner: Person, notebook: Notebook, body: object) -> None:
    Caller(owner).post(f"notebooks/{notebook.id}/undo/", body).refused(400, "invalid")


def test_viewers_look_and_do_not_touch(
    viewer: Person, stranger: Person, notebook: Notebook, cell: Cell
) -> None:
    for path in (
        path_of(cell, "history/"),
        path_of(cell, "versions/0/"),
        f"notebooks/{notebook.id}/checkpoints/",
    ):
        assert Caller(viewer).get(path).status == 200
        Caller(stranger).get(path).refused(404, "not_found")
    Caller(viewer).post(f"notebooks/{notebook.id}/checkpoints/", {"name": "x"}).refused(403, "forbidden")
    Caller(viewer).post(path_of(cell, "split/"), {"version": 0, "position": 1}).refused(403, "forbidden")
