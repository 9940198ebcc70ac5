import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtures, randomNumbers } from "../testing";
import { BEGINNING, columnsOf, type ColumnType, fieldsOf, MAX_COLUMNS, written, writtenColumn } from "./sheet_text";
import { isOfType, typeOf } from "./values";

// tests/kernels/test_sheet_text.py reads it too.
interface Fixture {
  readonly lines: readonly [string, string[]][];
  readonly heads: readonly [string, [string, ColumnType][] | null][];
  readonly values: Readonly<Record<ColumnType, readonly [string, boolean][]>>;
}

const [[, fixture] = ["", { lines: [], heads: [], values: {} as Fixture["values"] }]] = fixtures<Fixture>("sheets");
const SIGNS = ["a", " ", "\t", ",", '"', "\\", "n", "\n", "\r", ":", "🐍", "\u2028"];

test("lines are read as the kernel reads them", () => {
  assert.ok(fixture.lines.length > 0);
  for (const [line, values] of fixture.lines) assert.deepEqual(fieldsOf(line).map(({ value }) => value), values, line);
});

test("fields are where they are in the line, and fill it", () => {
  for (const [line] of fixture.lines) {
    const fields = fieldsOf(line);
    assert.equal(fields.map(({ from, to }) => line.slice(from, to)).join(","), line);
  }
});

test("columns are read as the kernel reads them, or are refused with a reason", () => {
  for (const [line, told] of fixture.heads) {
    const columns = columnsOf(line);
    if (told === null) assert.equal(typeof columns, "string", line);
    else assert.deepEqual(columns, told.map(([name, type]) => ({ name, type })));
  }
  const many = Array.from({ length: MAX_COLUMNS + 1 }, (_, place) => `c${place}`).join(",");
  assert.match(String(columnsOf(many)), /101 columns/);
});

test("values are of a type as in the kernel", () => {
  for (const [type, cases] of Object.entries(fixture.values) as [ColumnType, [string, boolean][]][]) {
    for (const [text, isOfIt] of cases) assert.equal(isOfType(text, type), isOfIt, `${text} as ${type}`);
  }
});

test("what is written is read as it was", () => {
  const below = randomNumbers(7);
  for (let round = 0; round < 3000; round++) {
    const values = Array.from({ length: 1 + below(4) }, () => Array.from({ length: below(6) }, () => SIGNS[below(SIGNS.length)]).join(""));
    const line = values.map(written).join(",");
    assert.ok(!line.includes("\n"));
    assert.deepEqual(fieldsOf(line).map(({ value }) => value), values, line);
  }
});

test("columns of any name are read as they were written", () => {
  const columns = [{ name: "a, b", type: "number" }, { name: "at: 10:30", type: "text" }, { name: "b:date", type: "date" }] as const;
  assert.deepEqual(columnsOf(columns.map(writtenColumn).join(",")), columns);
});

test("a new sheet has columns", () => {
  assert.equal(columnsOf(BEGINNING.split("\n")[0] ?? "").length, 2);
});

test("texts have the type that fits all of them", () => {
  assert.equal(typeOf(["1", "", "2.5"]), "number");
  assert.equal(typeOf(["2026-11-22", "2026-11-22 08:30"]), "date");
  assert.equal(typeOf(["TRUE", "false"]), "boolean");
  assert.equal(typeOf(["1", "a"]), "text");
  assert.equal(typeOf(["007", "1"]), "text");
  assert.equal(typeOf(["", ""]), "text");
});
