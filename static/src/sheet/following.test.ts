import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeSet, Text } from "@codemirror/state";
import type { Replacement } from "../editor/marks";
import { deleteColumns, deleteRows, insertColumn, insertRows, putValues } from "./edits";
import { followed } from "./following";

const SHEET = Text.of(["a,b,c", "x,1,p", ",,", "z"]);

function after(row: number, column: number, edit: (doc: Text) => readonly Replacement[]): [number, number] {
  const changes = ChangeSet.of(edit(SHEET), SHEET.length);
  const place = followed({ row, column }, SHEET, changes.apply(SHEET), changes.desc);
  return [place.row, place.column];
}

test("a place stays with its value", () => {
  assert.deepEqual(after(1, 1, (doc) => insertRows(doc, 0, 2, 3)), [3, 1]);
  assert.deepEqual(after(1, 1, (doc) => insertRows(doc, 2, 2, 3)), [1, 1]);
  assert.deepEqual(after(2, 0, (doc) => deleteRows(doc, 0, 0)), [1, 0]);
  assert.deepEqual(after(0, 1, (doc) => insertColumn(doc, 0, { name: "n", type: "text" })), [0, 2]);
  assert.deepEqual(after(-1, 2, (doc) => deleteColumns(doc, 0, 0)), [-1, 1]);
});

test("it stays where it is when values around it change, or its own", () => {
  for (const column of [0, 1, 2]) {
    assert.deepEqual(after(1, 1, (doc) => putValues(doc, 1, column, [["much"]])), [1, 1]);
    assert.deepEqual(after(0, 1, (doc) => putValues(doc, 0, column, [[""]])), [0, 1]);
  }
});

test("beyond the end of a short row, and below the last row", () => {
  assert.deepEqual(after(2, 2, (doc) => putValues(doc, 0, 0, [["long"]])), [2, 2]);
  assert.deepEqual(after(2, 2, (doc) => insertRows(doc, 0, 1, 3)), [3, 2]);
  assert.deepEqual(after(3, 1, (doc) => deleteRows(doc, 0, 0)), [2, 1]);
});

test("of a row that is gone its neighbour is left", () => {
  assert.deepEqual(after(1, 1, (doc) => deleteRows(doc, 1, 1)), [1, 1]);
  assert.deepEqual(after(2, 0, (doc) => deleteRows(doc, 1, 2)), [1, 0]);
});
