import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeSet, Text } from "@codemirror/state";
import { randomNumbers } from "../testing";
import { applyChanges, ChangeSetError } from "./change_set";
import type { ChangeSetJson } from "./types";

test("keeps, deletes and replaces", () => {
  assert.equal(applyChanges("hello", [1, [3], 1]), "ho");
  assert.equal(applyChanges("a", [[0, "x", "y"], 1]), "x\nya");
  assert.equal(applyChanges("", []), "");
});

test("counts UTF-16 units", () => {
  assert.equal(applyChanges("😀!", [2, [1, "?"]]), "😀?");
});

test("refuses changes for a text of another length", () => {
  assert.throws(() => applyChanges("abc", [2]), ChangeSetError);
});

test("agrees with CodeMirror on random changes", () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 500; round++) {
    const text = Array.from({ length: random(20) }, () => "ab\n é😀"[random(7)]).join("");
    const from = random(text.length + 1);
    const to = from + random(text.length - from + 1);
    const insert = ["", "x", "1\n2", "\n"][random(4)] ?? "";
    const changes = ChangeSet.of([{ from, to, insert }], text.length, "\n");
    const expected = changes.apply(Text.of(text.split("\n"))).toString();
    assert.equal(applyChanges(text, changes.toJSON() as ChangeSetJson), expected);
  }
});
