import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ChangePreview } from "../protocol/chat";
import { approvalHeadline, cellOf, factsOf, headlineOf } from "./tool_wording";
import { tool } from "./testing";

const NUMBERS = new Map([["aaaa1111-0000", 1], ["bbbb2222-0000", 2]]);
const edit = { name: "edit_cell", input: { cell_id: "bbbb2222" } };

describe("a step in a line", () => {
  test("says what is done, then what was done", () => {
    assert.equal(headlineOf(tool("t", { ...edit, status: "started" }), NUMBERS), "Editing cell 2…");
    assert.equal(headlineOf(tool("t", edit), NUMBERS), "Edited cell 2");
    assert.equal(headlineOf(tool("t", { name: "create_cell", input: null, status: "writing" }), NUMBERS), "Writing a new cell…");
  });

  test("says what became of it", () => {
    assert.equal(headlineOf(tool("t", { ...edit, is_error: true }), NUMBERS), "Editing cell 2: did not work");
    assert.equal(headlineOf(tool("t", { ...edit, decision: "rejected", is_error: true }), NUMBERS), "Editing cell 2: rejected");
    assert.equal(headlineOf(tool("t", { ...edit, status: "waiting" }), NUMBERS), "Editing cell 2: waits for a decision");
    assert.equal(headlineOf(tool("t", { ...edit, status: "cancelled" }), NUMBERS), "Editing cell 2: not done");
  });

  test("knows the cell that was made, and tools it has never heard of", () => {
    const change = { kind: "created", cell_id: "aaaa1111-0000" } as const;
    assert.equal(headlineOf(tool("t", { name: "create_cell", details: { change } }), NUMBERS), "Wrote cell 1");
    assert.equal(headlineOf(tool("t", { name: "dance" }), NUMBERS), "Used dance");
  });

  test("names what it looks at", () => {
    assert.equal(headlineOf(tool("t", { name: "describe_table", input: { table: "zoo.animals" } }), NUMBERS), "Looked at the table zoo.animals");
    assert.equal(headlineOf(tool("t", { name: "read_file", input: { path: "a.csv" } }), NUMBERS), "Read a.csv");
  });

  test("in a conversation that proposes says so", () => {
    assert.equal(headlineOf(tool("t", { ...edit, details: { proposal_id: "p" } }), NUMBERS), "Proposed to edit cell 2");
  });

  test("has the facts of a run", () => {
    const plan = { cells: [1, 2].map((n) => ({ cell_id: `${n}`, reasons: [], estimated_s: 1 })), skipped: [], estimated_s: 2 };
    const details = { plan, status: "error" };
    assert.equal(factsOf(tool("t", { name: "run_cell", details, elapsed_ms: 2500 })), "2 cells · failed · 2.5 s");
    assert.equal(factsOf(tool("t", { elapsed_ms: 20 })), "");
  });
});

test("a cell is known by how its id begins, if that is long enough", () => {
  assert.equal(cellOf(tool("t", { input: { cell_id: "[AAAA1111]" } }), NUMBERS), "aaaa1111-0000");
  assert.equal(cellOf(tool("t", { input: { cell_id: "aaa" } }), NUMBERS), null);
});

test("what is to be approved is asked in a question", () => {
  const preview = { cell_id: "aaaa1111-0000", version: 0, cell_kind: "python", before: "x", after: null } as const;
  const asked = (changes: Partial<ChangePreview>): string =>
    approvalHeadline(tool("t", { preview: { kind: "delete", ...preview, ...changes } }), NUMBERS);
  assert.equal(asked({}), "Delete cell 1?");
  assert.equal(asked({ kind: "move", position: "bbbb2222-0000" }), "Move cell 1 below cell 2?");
  assert.equal(asked({ kind: "create", cell_id: null, position: "start" }), "Add a new cell at the top?");
  const question = { kind: "sql", connection: "shop", statement: "SELECT 1" } as const;
  assert.equal(approvalHeadline(tool("t", { name: "run_sql", preview: question }), NUMBERS), "Ask the database shop?");
});
