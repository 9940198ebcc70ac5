import assert from "node:assert/strict";
import { test } from "node:test";
import { cell } from "../testing";
import { nameOf, numbersOf } from "./numbers";

const [a, b, c] = [cell("a"), cell("b"), cell("c")];

test("cells are called by their place", () => {
  const numbers = numbersOf([a, b], new Map());
  assert.deepEqual([nameOf("a", numbers), nameOf("b", numbers)], ["cell 1", "cell 2"]);
  assert.equal(nameOf("c", numbers), "a cell that is gone");
});

test("numbers stay the same object while the order is the same", () => {
  const numbers = numbersOf([a, b], new Map());
  assert.equal(numbersOf([{ ...a, source: "1" }, b], numbers), numbers);
  assert.deepEqual([...numbersOf([b, a], numbers)], [["b", 1], ["a", 2]]);
  assert.equal(numbersOf([a, b, c], numbers).get("c"), 3);
  assert.equal(numbersOf([b], numbers).get("b"), 1);
});
