import assert from "node:assert/strict";
import { test } from "node:test";
import { dependent } from "../testing";
import { type Dependencies, NOTHING_KNOWN, staleCount, takeDependencies } from "./dependencies";
import type { CellDependencies, Cycle } from "./types";

function take(
  before: Dependencies,
  is_whole: boolean,
  cells: Record<string, CellDependencies | null>,
  cycles: Cycle[] = [],
): Dependencies {
  return takeDependencies(before, { type: "dependencies", is_whole, cells, cycles });
}

const [a, b] = [dependent({ writes: ["x"] }), dependent({ reads: { x: "a" } })];

test("a whole frame replaces all that was known", () => {
  const before = take(NOTHING_KNOWN, true, { a, b });
  assert.deepEqual([...take(before, true, { b }).cells.keys()], ["b"]);
});

test("a frame of changes leaves the rest as it was, the very same", () => {
  const before = take(NOTHING_KNOWN, true, { a, b });
  const stale = { ...b, stale: { reason: "input_changed", name: "x" } } as const;
  const after = take(before, false, { b: stale });
  assert.equal(after.cells.get("a"), a);
  assert.equal(after.cells.get("b"), stale);
  assert.equal(before.cells.get("b"), b);
});

test("a cell that is null is gone", () => {
  const before = take(NOTHING_KNOWN, true, { a, b });
  assert.deepEqual([...take(before, false, { a: null, unknown: null }).cells.keys()], ["b"]);
});

test("cycles are always all of them", () => {
  const cycle = { cell_ids: ["a", "b"], names: ["x", "y"] };
  const before = take(NOTHING_KNOWN, true, { a, b }, [cycle]);
  assert.deepEqual(before.cycles, [cycle]);
  assert.deepEqual(take(before, false, {}).cycles, []);
});

test("stale cells are counted once something ran, but not those that never run", () => {
  const neverRan = dependent({ stale: { reason: "never_ran" } });
  const edited = dependent({ stale: { reason: "source_changed" } });
  const disabled = dependent({ obstacle: { kind: "disabled", cell_id: "a" }, stale: { reason: "source_changed" } });
  const count = (cells: Record<string, CellDependencies>): number => staleCount(take(NOTHING_KNOWN, true, cells));
  assert.equal(count({}), 0);
  assert.equal(count({ a: neverRan, b: neverRan }), 0);
  assert.equal(count({ a: neverRan, b: neverRan, c: dependent() }), 2);
  assert.equal(count({ a: disabled, b: edited, c: neverRan }), 2);
  assert.equal(count({ a: disabled, b: dependent() }), 0);
});
