import assert from "node:assert/strict";
import { test } from "node:test";
import { againLabel, goneCell, lostCell, namesOf, outcomeOf, refusalOf } from "./conflict_wording";

test("a refusal says what was not done and who was there first", () => {
  assert.equal(refusalOf("delete", ["bob"]), "Not deleted: bob edited the cell since you saw it.");
  assert.equal(refusalOf("split", ["bob", "eve"]), "Not split: bob and eve edited the cell since you saw it.");
  assert.equal(refusalOf("merge", []), "Not merged: somebody edited one of the cells since you saw them.");
  assert.equal(refusalOf("restore", ["bob"]), "Not restored: bob edited the cell since you saw it.");
});

test("deleting goes on anyway, the rest is tried again", () => {
  assert.equal(againLabel("delete"), "Delete anyway");
  assert.equal(againLabel("merge"), "Try again");
});

test("a cell that is gone names who deleted it, if known", () => {
  assert.equal(goneCell("bob"), "bob deleted that cell.");
  assert.equal(goneCell(undefined), "Somebody deleted that cell.");
  assert.equal(lostCell("bob"), "bob deleted the cell you were typing in.");
});

test("what an undo left alone is told as an error", () => {
  const tones = (["undone", "nothing", "overwritten", "deleted"] as const).map((each) => outcomeOf(each, "bob").tone);
  assert.deepEqual(tones, ["info", "info", "error", "error"]);
  assert.match(outcomeOf("overwritten", "bob").text, /somebody has changed the same text since/);
  assert.match(outcomeOf("undone", "bob").text, /bob/);
});

test("many names are counted", () => {
  const names = ["ada", "bob", "eve", "kim", "lee"];
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((count) => namesOf(names.slice(0, count))),
    ["somebody", "ada", "ada and bob", "ada, bob and eve", "ada, bob and 2 others", "ada, bob and 3 others"],
  );
});
