// What people do to a sheet as changes of its text. Each touches only the fields, rows or columns that it means, so that
// what others do at the same time merges with it. Positions are those of the document. Pure.

import type { Text } from "@codemirror/state";
import type { Replacement } from "../editor/marks";
import { type Field, rowCountOf, rowFields, type SheetColumn, written, writtenColumn } from "./sheet_text";

/** Values from a place on, to the right and downwards; rows below the last are added. */
export function putValues(doc: Text, top: number, left: number, rows: readonly (readonly string[])[]): Replacement[] {
  const known = rows.slice(0, Math.max(0, rowCountOf(doc) - top));
  const added = rows.slice(known.length).map((values) => line([...Array<string>(left).fill(""), ...values]));
  return [...known.flatMap((values, index) => putInRow(doc, top + index, left, values)), ...appended(doc, added)];
}

/** Empty rows before this one, or at the end. */
export function insertRows(doc: Text, row: number, count: number, columnCount: number): Replacement[] {
  const rows = Array<string>(count).fill(",".repeat(columnCount - 1));
  if (row >= rowCountOf(doc)) return appended(doc, rows);
  const { from } = doc.line(row + 2);
  return [{ from, to: from, insert: rows.map((each) => `${each}\n`).join("") }];
}

/** The last one included. */
export function deleteRows(doc: Text, top: number, bottom: number): Replacement[] {
  const last = Math.min(bottom, rowCountOf(doc) - 1);
  return top > last ? [] : [{ from: doc.line(top + 2).from - 1, to: doc.line(last + 2).to, insert: "" }];
}

/** A column before that one. At the end it is a change of the first line alone: rows may be shorter. */
export function insertColumn(doc: Text, before: number, column: SheetColumn): Replacement[] {
  return everyRow(doc, (fields, row) => {
    const insert = row < 0 ? writtenColumn(column) : "";
    const [at, last] = [fields[before], fields.at(-1)];
    if (at) return { from: at.from, to: at.from, insert: `${insert},` };
    return row < 0 && last ? { from: last.to, to: last.to, insert: `,${insert}` } : null;
  });
}

/** The last one included. */
export function deleteColumns(doc: Text, left: number, right: number): Replacement[] {
  return everyRow(doc, (fields) => {
    const [first, before, after] = [fields[left], fields[left - 1], fields[right + 1]];
    if (!first) return null;
    const last = fields[right] ?? fields.at(-1) ?? first;
    // With the comma before them or, of the first ones, the comma after them.
    if (before) return { from: before.to, to: last.to, insert: "" };
    return { from: first.from, to: after?.from ?? last.to, insert: "" };
  });
}

/** Another name or type. */
export function changeColumn(doc: Text, place: number, column: SheetColumn): Replacement[] {
  return replaced(rowFields(doc, -1)[place], writtenColumn(column));
}

export function addColumns(doc: Text, columns: readonly SheetColumn[]): Replacement[] {
  const { to } = doc.line(1);
  return columns.length > 0 ? [{ from: to, to, insert: columns.map((column) => `,${writtenColumn(column)}`).join("") }] : [];
}

function putInRow(doc: Text, row: number, left: number, values: readonly string[]): Replacement[] {
  const fields = rowFields(doc, row);
  const changes = values.flatMap((value, index) => {
    const field = fields[left + index];
    return field && field.value !== value ? replaced(field, written(value)) : [];
  });
  const beyond = [...Array<string>(left).fill(""), ...values].slice(fields.length);
  const end = fields.at(-1)?.to ?? 0;
  if (beyond.some((value) => value !== "")) changes.push({ from: end, to: end, insert: `,${line(beyond)}` });
  return changes;
}

function replaced(field: Field | undefined, insert: string): Replacement[] {
  return field ? [{ from: field.from, to: field.to, insert }] : [];
}

function appended(doc: Text, rows: readonly string[]): Replacement[] {
  if (rows.length === 0) return [];
  const isBegun = doc.lines - 1 > rowCountOf(doc);
  return [{ from: doc.length, to: doc.length, insert: `${isBegun ? "" : "\n"}${rows.join("\n")}` }];
}

function everyRow(doc: Text, change: (fields: Field[], row: number) => Replacement | null): Replacement[] {
  const changes: Replacement[] = [];
  for (let row = -1; row < rowCountOf(doc); row++) {
    const made = change(rowFields(doc, row), row);
    if (made) changes.push(made);
  }
  return changes;
}

function line(values: readonly string[]): string {
  return values.map(written).join(",");
}
