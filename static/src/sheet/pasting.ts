// What is pasted from a spreadsheet: tab-separated text, and what becomes of a sheet by it. Pure.

import type { Text } from "@codemirror/state";
import type { Replacement } from "../editor/marks";
import { HEAD, type Place } from "../table/selection";
import { addColumns, changeColumn, putValues } from "./edits";
import { MAX_COLUMNS, MAX_ROWS, rowCountOf, rowFields, type SheetColumn } from "./sheet_text";
import { isOfType, typeOf } from "./values";

/** Why it cannot be pasted, for people. */
export class TooMuch extends Error {}

/** The values of text as spreadsheets copy it: in quotes is what has tabs and line breaks. */
export function rowsIn(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const value = /"((?:[^"]|"")*)"(?=[\t\n]|$)|([^\t\n]*)/y;
  for (let at = 0; at <= text.length; at = value.lastIndex + 1) {
    value.lastIndex = at;
    const [, quoted, bare = ""] = value.exec(text) ?? [];
    row.push(quoted?.replaceAll('""', '"') ?? bare);
    if (text[value.lastIndex] === "\t") continue;
    rows.push(row);
    row = [];
  }
  // The line break after the last row begins none.
  if (text.endsWith("\n")) rows.pop();
  return rows;
}

/**
 * Values from the place on; what goes beyond the sheet makes it grow. On the head the first row has the names of the
 * columns. Columns that are new or had no values become of the type that the values have.
 */
export function paste(doc: Text, columns: readonly SheetColumn[], { row, column: left }: Place, rows: readonly (readonly string[])[]): Replacement[] {
  const [names = [], values] = row === HEAD ? [rows[0], rows.slice(1)] : [[], rows];
  const top = Math.max(0, row);
  const width = Math.max(...rows.map((each) => each.length));
  if (left + width > MAX_COLUMNS) throw new TooMuch(`A sheet has at most ${MAX_COLUMNS} columns.`);
  if (top + values.length > MAX_ROWS) throw new TooMuch(`A sheet has at most ${MAX_ROWS.toLocaleString("en")} rows.`);
  const after = [...columns];
  for (let index = 0; index < width; index++) {
    const [old, pasted] = [columns[left + index], values.map((each) => each[index] ?? "")];
    const others = after.filter((_, place) => place !== left + index).map(({ name }) => name);
    const name = names[index]?.trim() || old?.name;
    const type = old && !takesType(doc, old, left + index, pasted) ? old.type : typeOf(pasted);
    after[left + index] = { name: unused(name ?? `column_${left + index + 1}`, others), type };
  }
  const changed = after.slice(left, columns.length).flatMap((column, index) => {
    const old = columns[left + index];
    const isSame = old?.name === column.name && old.type === column.type;
    return isSame ? [] : changeColumn(doc, left + index, column);
  });
  return [...changed, ...addColumns(doc, after.slice(columns.length)), ...putValues(doc, top, left, values)];
}

/** The name, with a number if it is one of the others. */
export function unused(name: string, others: readonly string[]): string {
  for (let number = 1; ; number++) {
    const tried = number === 1 ? name : `${name}_${number}`;
    if (!others.includes(tried)) return tried;
  }
}

/** It has no values yet, and those that come are of another. */
function takesType(doc: Text, { type }: SheetColumn, place: number, values: readonly string[]): boolean {
  if (values.every((value) => isOfType(value, type)) && type !== "text") return false;
  for (let row = 0; row < rowCountOf(doc); row++) if (rowFields(doc, row)[place]?.value) return false;
  return values.some((value) => value !== "");
}
