import assert from "node:assert/strict";
import { test } from "node:test";
import { displayOf } from "./display";

const SHOWN = { is_source_hidden: false, are_outputs_hidden: false, is_scrolled: false };

test("as Jupyter says it, and as older notebooks do", () => {
  assert.deepEqual(displayOf({}), SHOWN);
  assert.deepEqual(displayOf({ jupyter: { source_hidden: true } }), { ...SHOWN, is_source_hidden: true });
  assert.deepEqual(displayOf({ jupyter: { outputs_hidden: true } }), { ...SHOWN, are_outputs_hidden: true });
  assert.deepEqual(displayOf({ collapsed: true, scrolled: true }), { ...SHOWN, are_outputs_hidden: true, is_scrolled: true });
});

test("anything may stand there", () => {
  for (const jupyter of [null, "odd", 7, [], { source_hidden: "yes" }]) assert.deepEqual(displayOf({ jupyter }), SHOWN);
  assert.deepEqual(displayOf({ scrolled: "auto" }), SHOWN);
});
