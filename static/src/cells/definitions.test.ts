import assert from "node:assert/strict";
import { test } from "node:test";
import { definitionOf } from "./definitions";

function lineOf(name: string, source: string): string {
  const { from, to } = definitionOf(name, source);
  assert.equal(source.slice(from, to), name);
  return source.slice(0, from).split("\n").at(-1) + name;
}

test("functions and classes, before what only uses them", () => {
  assert.equal(lineOf("f", "x = f(1)\n\nasync def f(x):\n    pass"), "async def f");
  assert.equal(lineOf("Table", "Table()\nclass Table:"), "class Table");
});

test("what is assigned, also with others, with a type and in place", () => {
  assert.equal(lineOf("x", "print(x)\nx = 1"), "x");
  assert.equal(lineOf("b", "print(b)\na, b = 1, 2"), "a, b");
  assert.equal(lineOf("n", "if n == 1: pass\nn: int = 2"), "n");
  assert.equal(lineOf("total", "max(total)\ntotal += 1"), "total");
});

test("imports, loops and contexts", () => {
  assert.equal(lineOf("pd", "pd.x\nimport pandas as pd"), "import pandas as pd");
  assert.equal(lineOf("sqrt", "sqrt(2)\nfrom math import pi, sqrt"), "from math import pi, sqrt");
  assert.equal(lineOf("row", "row\nfor i, row in rows:"), "for i, row");
});

test("else the first mention, and at worst the beginning", () => {
  assert.equal(lineOf("y", "xy\nprint(y)"), "print(y");
  assert.deepEqual(definitionOf("gone", "x = 1"), { from: 0, to: 0 });
});
