import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateOf, summaryOf } from "./plan_wording";

const step = { cell_id: "a", reasons: [], estimated_s: null };

test("sums up a plan", () => {
  assert.equal(summaryOf({ cells: [], skipped: [], estimated_s: null }), "Nothing would run.");
  assert.equal(summaryOf({ cells: [step], skipped: [], estimated_s: 2 }), "One cell, about 2.0 s.");
  assert.equal(
    summaryOf({ cells: [step, step], skipped: [], estimated_s: null }),
    "2 cells, how long it takes is not known yet.",
  );
});

test("a cell that never ran has no estimate", () => {
  assert.deepEqual([estimateOf(null), estimateOf(0.012)], ["", "about 12 ms"]);
});
