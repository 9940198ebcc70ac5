import assert from "node:assert/strict";
import { test } from "node:test";
import { colourOf, initialsOf } from "./appearance";

test("initials are those of the names, or the first letters of one", () => {
  const initials = ["Ada Lovelace", "ada.lovelace@example.org", "ada", "owner-12", "Ana María López", "élodie", "李小龙", "x"];
  assert.deepEqual(initials.map(initialsOf), ["AL", "AL", "AD", "O1", "AM", "ÉL", "李小", "X"]);
  assert.deepEqual(["", "!?", "@home"].map(initialsOf), ["?", "?", "?"]);
});

test("a colour stays with its name, and all are used", () => {
  assert.equal(colourOf("ada"), colourOf("ada"));
  const colours = new Set(Array.from({ length: 200 }, (_, number) => colourOf(`person-${number}`)));
  assert.deepEqual([...colours].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
});
