import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { between, dropPlace, stationary } from "./order";

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

describe("dropping", () => {
  const boxes = ["a", "b", "c", "d"].map((id, index) => ({ id, top: index * 100, bottom: index * 100 + 100 }));
  const place = (dragged: string, y: number): string => {
    const found = dropPlace(boxes, new Set(dragged), y);
    return found === "same" ? "same" : `after ${found.after || "nothing"}`;
  };

  test("goes between the cells that are nearest", () => {
    assert.equal(place("a", 240), "after b");
    assert.equal(place("a", 260), "after c");
    assert.equal(place("d", -50), "after nothing");
    assert.equal(place("a", 5000), "after d");
  });

  test("beside itself it stays", () => {
    assert.equal(place("b", 140), "same");
    assert.equal(place("b", 210), "same");
    assert.equal(place("bc", 240), "same");
  });

  test("cells that are apart come together", () => {
    assert.equal(place("ac", 240), "after b");
    assert.equal(place("ac", 90), "after nothing");
  });
});

test("what is between two, in either direction", () => {
  assert.deepEqual(between(["a", "b", "c", "d"], "c", "a"), ["a", "b", "c"]);
  assert.deepEqual(between(["a", "b"], "gone", "b"), ["b"]);
});
