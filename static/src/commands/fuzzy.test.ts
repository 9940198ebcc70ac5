import assert from "node:assert/strict";
import { test } from "node:test";
import { match } from "./fuzzy";

const TITLES = ["Run all cells", "Restart the kernel and run all", "Insert a cell above", "Find and replace", "Fold all"];

function found(letters: string): string[] {
  const matches = TITLES.map((title) => ({ title, match: match(letters, title) })).filter((each) => each.match);
  return matches.sort((a, b) => (b.match?.score ?? 0) - (a.match?.score ?? 0)).map((each) => each.title);
}

test("the beginnings of words are meant first", () => {
  assert.equal(found("ra")[0], "Run all cells");
  assert.equal(found("rkra")[0], "Restart the kernel and run all");
  assert.equal(found("far")[0], "Find and replace");
});

test("letters that are not there in this order find nothing", () => {
  assert.equal(match("xyz", "Run all"), null);
  assert.equal(match("llar", "Run all"), null);
});

test("nothing typed fits everything, and blanks do not count", () => {
  assert.deepEqual(match("", "Run all"), { score: 0, places: [] });
  assert.deepEqual(match("run all", "Run all")?.places, [0, 1, 2, 4, 5, 6]);
});
