import assert from "node:assert/strict";
import { test } from "node:test";
import { numbersOf } from "../cells/numbers";
import type { Cell, CellDependencies } from "../protocol/types";
import { cell, dependent } from "../testing";
import { describe, nodesOf } from "./nodes";

function nodeOf(changes: Partial<Cell>, known: Partial<CellDependencies> = {}) {
  const shown = cell("a", changes);
  const [node] = nodesOf([shown], { cells: new Map([["a", dependent(known)]]), cycles: [] }, new Map([["a", 4]]));
  assert.ok(node);
  return node;
}

test("cells that cannot be run are not in the graph", () => {
  const cells = [cell("text", { kind: "markdown" }), cell("a")];
  const nodes = nodesOf(cells, { cells: new Map([["a", dependent()]]), cycles: [] }, numbersOf(cells, new Map()));
  assert.deepEqual(nodes.map(({ id, number }) => [id, number]), [["a", 2]]);
});

test("a node is called by what the cell writes, or by its first line", () => {
  assert.equal(nodeOf({ source: "x = y = 1" }, { writes: ["x", "y"] }).label, "x, y");
  assert.equal(nodeOf({ source: "\n\nprint(x)\nprint(y)" }).label, "print(x)");
});

test("a node says how its cell is", () => {
  const said = (changes: Partial<Cell>, known: Partial<CellDependencies> = {}): string =>
    describe(nodeOf(changes, known));
  const edited = { stale: { reason: "source_changed" } } as const;
  assert.equal(said({ status: "ok" }, { writes: ["x"] }), "Cell 4, x: up to date");
  assert.equal(said({ status: "ok" }, edited), "Cell 4: stale");
  assert.equal(said({ status: "running" }, edited), "Cell 4: running");
  assert.equal(said({ status: "ok" }, { stale: { reason: "never_ran" } }), "Cell 4: not run yet");
  assert.equal(said({ status: "error" }, edited), "Cell 4: failed");
  assert.equal(said({ is_disabled: true }), "Cell 4: does not run: disabled");
  assert.equal(said({}, { obstacle: { kind: "cycle", cell_id: "b" } }), "Cell 4: does not run: a cycle");
});
