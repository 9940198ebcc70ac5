import assert from "node:assert/strict";
import { test } from "node:test";
import { stationary } from "./order";

function staying(before: string, after: string): string {
  const stay = stationary([...before], [...after]);
  return [...before].filter((id) => stay.has(id)).join("");
}

test("nothing moves when nothing changed", () => {
  assert.equal(staying("abc", "abc"), "abc");
});

test("only the cell that was moved moves", () => {
  assert.equal(staying("abcd", "bcda"), "bcd");
  assert.equal(staying("abcd", "dabc"), "abc");
});

test("new and deleted cells do not count", () => {
  assert.equal(staying("abc", "axbyc"), "abc");
  assert.equal(staying("abc", "ac"), "ac");
});

test("a reversal keeps one", () => {
  assert.equal(staying("abc", "cba").length, 1);
});
