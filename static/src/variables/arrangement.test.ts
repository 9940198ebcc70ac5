import assert from "node:assert/strict";
import { test } from "node:test";
import type { Variable } from "../protocol/types";
import { arranged, changedNames, type Column, formatSize, restOf } from "./arrangement";

function variable(name: string, changes: Partial<Variable> = {}): Variable {
  const nothing = { type: "int", shape: "", size_bytes: null, preview: "", cell_id: null, is_changed: false };
  return { name, ...nothing, ...changes };
}

const ALL = [
  variable("b", { type: "list", shape: "30", size_bytes: 300 }),
  variable("A", { type: "DataFrame", shape: "100 × 3", size_bytes: 2400 }),
  variable("c", { size_bytes: 28 }),
];

function names(filter: string, column: Column = "name", isDescending = false): string {
  return arranged(ALL, filter, { column, isDescending }).map(({ name }) => name).join("");
}

test("sorted by any column, both ways", () => {
  assert.equal(names(""), "Abc");
  assert.equal(names("", "name", true), "cbA");
  assert.equal(names("", "type"), "Acb");
  assert.equal(names("", "shape", true), "Abc");
  assert.equal(names("", "size"), "cbA");
});

test("filtered by name or type", () => {
  assert.equal(names(" FRAME"), "A");
  assert.equal(names("c"), "c");
  assert.equal(names("nothing like it"), "");
});

test("changed are what the run bound, and what looks different", () => {
  const after = [variable("b", { type: "list", shape: "31" }), ALL[1]!, variable("new"), variable("c", { size_bytes: 28 })];
  assert.deepEqual([...changedNames(ALL, after)], ["b", "new"]);
  assert.deepEqual([...changedNames(null, after)], []);
  assert.deepEqual([...changedNames(null, [variable("x", { is_changed: true })])], ["x"]);
});

test("sizes", () => {
  const sizes = [null, 0, 999, 1000, 12_345, 5_600_000, 7e9, 3e15].map(formatSize);
  assert.deepEqual(sizes, ["", "0 B", "999 B", "1.0 kB", "12 kB", "5.6 MB", "7.0 GB", "3000 TB"]);
});

test("what is left out is counted", () => {
  const details = { type: "list", columns: ["", "Value"], rows: [["0", "1"]], text: "", more: 1950 };
  assert.equal(restOf(details), "and 1,950 more");
  assert.equal(restOf({ ...details, rows: [], more: 0 }), "Nothing is in it.");
  assert.equal(restOf({ ...details, columns: [], rows: [], text: "x" }), "and 1,950 more characters");
  assert.equal(restOf({ ...details, more: 0 }), "");
});
