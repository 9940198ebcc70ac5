import assert from "node:assert/strict";
import { test } from "node:test";
import { isCut, nullsText, shown, summaryText, tabSeparated, widthOf } from "./cell_text";
import type { Kind } from "./content";

const text = (cell: string | null, kind: Kind): string => shown(cell, { kind });

test("numbers are as long as can be read, and mean the same", () => {
  assert.equal(text("1.5", "number"), "1.5");
  assert.equal(text("0.30000000000000004", "number"), "0.3");
  assert.equal(text("1234.123456789", "number"), "1234.123457");
  assert.equal(text("0.0001234567891", "number"), "0.000123457");
  assert.equal(text("1.23456789e-10", "number"), "1.234568e-10");
  assert.equal(text("12345678901234567890", "number"), "12345678901234567890");
  assert.equal(text("1.10", "number"), "1.10");
  assert.equal(text("inf", "number"), "inf");
  assert.equal(text("0.30000000000000004", "text"), "0.30000000000000004");
  assert.equal(text(null, "number"), "null");
});

test("for spreadsheets what would break a line is quoted", () => {
  const rows = [
    ["a", null, 'say "b"'],
    ["c\td", "e\nf", ""],
  ];
  assert.equal(tabSeparated(rows), 'a\t\t"say ""b"""\n"c\td"\t"e\nf"\t');
});

test("what is known of a column in words", () => {
  assert.equal(summaryText({ nulls: 0, min: "1", max: "3", bins: [1, 2] }, 3), "no nulls, from 1 to 3");
  const names = { nulls: 5, distinct: 2, top: [["a", 3] as const, ["b", 2] as const] };
  assert.equal(summaryText(names, 1000), "5 null (<1 %), 2 different, most often a: 3, b: 2");
  assert.equal(summaryText(null, 3), "");
  assert.equal(nullsText({ nulls: 999 }, 1000), "99 % null");
  assert.equal(nullsText({ nulls: 0 }, 1000), "");
});

test("long cells and widths are bounded", () => {
  assert.ok(isCut("x".repeat(499) + "…"));
  assert.ok(!isCut("x".repeat(500)));
  const column = { name: "n", type: "str", kind: "text" as const, is_index: false, summary: null };
  assert.equal(widthOf(column, ["x".repeat(900)]), 320);
  assert.ok(widthOf(column, []) >= 84);
});
