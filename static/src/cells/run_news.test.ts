import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Cell, CellStatus, Run } from "../protocol/types";
import { goingOn, outcome } from "./run_news";

function cell(id: string, status: CellStatus, ename?: string): Cell {
  const outputs = ename ? [{ output_type: "error", ename, evalue: "", traceback: [] }] : [];
  return { id, status, cell_run_id: `run-${id}`, outputs, input_request: null } as unknown as Cell;
}

function run(...ids: string[]): Run {
  const cells = ids.map((id) => ({ cell_id: id, cell_run_id: `run-${id}` }));
  return { id: "r", scope: "all", status: "queued", cells };
}

describe("what is said of a run", () => {
  test("nothing while it goes on, or before its cells are known to wait", () => {
    assert.equal(outcome(run("a", "b"), [cell("a", "ok"), cell("b", "running")]), null);
    assert.equal(outcome(run("a"), [cell("b", "ok")]), null);
  });

  test("how it ended", () => {
    const cells = [cell("a", "ok"), cell("b", "ok"), cell("c", "error", "NameError"), cell("d", "cancelled")];
    assert.equal(outcome(run("b"), cells), "Cell 2 is done.");
    assert.equal(outcome(run("a", "b"), cells), "2 cells are done.");
    assert.equal(outcome(run("a", "b", "c"), cells), "Cell 3 failed: NameError");
    assert.equal(outcome(run("d"), cells), "The run was stopped.");
  });

  test("that it takes longer", () => {
    const cells = [cell("a", "running"), cell("b", "queued")];
    assert.equal(goingOn(run("a"), cells), "Cell 1 is running.");
    assert.equal(goingOn(run("a", "b"), cells), "2 cells are running.");
  });
});
