import assert from "node:assert/strict";
import { test } from "node:test";
import { commandFor } from "./command_keys";

const NONE = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

test("two d delete, one does not", () => {
  assert.equal(commandFor({ key: "d", ...NONE }, ""), null);
  assert.deepEqual(commandFor({ key: "d", ...NONE }, "d"), { type: "delete" });
});

test("Shift and m merge, m alone makes Markdown", () => {
  assert.deepEqual(commandFor({ key: "M", ...NONE, shiftKey: true }, ""), { type: "merge" });
  assert.deepEqual(commandFor({ key: "m", ...NONE }, ""), { type: "configure", kind: "markdown" });
  assert.equal(commandFor({ key: "Z", ...NONE, shiftKey: true }, ""), null);
});

test("z brings back, h shows the history", () => {
  assert.deepEqual(commandFor({ key: "z", ...NONE }, ""), { type: "undo_delete" });
  assert.deepEqual(commandFor({ key: "h", ...NONE }, ""), { type: "history" });
});

test("Enter edits, with a modifier it runs", () => {
  assert.equal(commandFor({ key: "Enter", ...NONE }, ""), "edit");
  assert.deepEqual(commandFor({ key: "Enter", ...NONE, shiftKey: true }, ""), { type: "run", then: "next" });
  assert.deepEqual(commandFor({ key: "Enter", ...NONE, metaKey: true }, ""), { type: "run", then: "stay" });
  assert.deepEqual(commandFor({ key: "Enter", ...NONE, altKey: true }, ""), { type: "run", then: "insert" });
});

test("Ctrl+I asks what should change, and is none of the panel's keys", () => {
  assert.deepEqual(commandFor({ key: "i", ...NONE, ctrlKey: true }, ""), { type: "instruct" });
  assert.equal(commandFor({ key: "i", ...NONE, ctrlKey: true, altKey: true }, ""), null);
});

test("the browser keeps its own shortcuts", () => {
  assert.equal(commandFor({ key: "a", ...NONE, ctrlKey: true }, ""), null);
  assert.equal(commandFor({ key: "j", ...NONE, metaKey: true }, ""), null);
});
