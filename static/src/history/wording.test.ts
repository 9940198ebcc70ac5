import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Difference } from "../protocol/history";
import { cellCount, changeName, editCount, isAutomatic, summaryOf } from "./wording";

const differences = (...changes: Change[]): Difference[] =>
  changes.map((change) => ({ cell_id: "a", change, before: null, after: null }));

test("counts", () => {
  assert.deepEqual([1, 2].map(editCount), ["1 edit", "2 edits"]);
  assert.deepEqual([0, 1].map(cellCount), ["0 cells", "1 cell"]);
});

test("what differs is counted by kind, and what moved and changed counts as both", () => {
  assert.equal(summaryOf([]), "Nothing has changed since.");
  assert.equal(summaryOf(differences("removed")), "Since then: 1 cell removed.");
  assert.equal(
    summaryOf(differences("added", "changed", "moved_and_changed", "added")),
    "Since then: 2 cells added, 2 changed, 1 moved.",
  );
});

test("changes and reasons", () => {
  assert.equal(changeName("moved_and_changed"), "Moved and changed");
  assert.equal(isAutomatic("manual"), false);
  assert.equal(isAutomatic("delete"), true);
});
