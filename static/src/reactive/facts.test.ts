import assert from "node:assert/strict";
import { test } from "node:test";
import { dependent } from "../testing";
import { factsOf } from "./facts";

test("a cell in a line", () => {
  assert.equal(factsOf(dependent({ reads: { x: "a", y: "b" }, writes: ["z"] })), "reads x, y · writes z");
  assert.equal(factsOf(dependent({ writes: ["z"], stale: { reason: "never_ran" } })), "not run yet · writes z");
  assert.equal(factsOf(dependent({ stale: { reason: "source_changed" } })), "uses no other cell");
});
