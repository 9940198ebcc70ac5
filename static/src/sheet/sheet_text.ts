// The text of a sheet cell: a line of columns with their types, and a line for each row, so that edits of different rows
// merge. apps/kernels/kernel_sheet_text.py says how it is written and makes values of it; tests/fixtures/sheets holds both
// to it. Pure.

import type { Text } from "@codemirror/state";
import type { Range } from "../editor/marks";

export const COLUMN_TYPES = ["text", "number", "date", "boolean"] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface SheetColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** Where it is in its line, and what it says; empty: the value is missing. */
export interface Field extends Range {
  readonly value: string;
}

/** What a new sheet begins with. */
export const BEGINNING = "item:text,amount:number\n,\n,\n,";
// As the kernel has it.
export const MAX_ROWS = 10_000;
export const MAX_COLUMNS = 100;

const FIELD = /[ \t]*"((?:[^"]|"")*)"[ \t]*(?=,|$)|([^,]*)/y;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", "\\": "\\" };

export function fieldsOf(line: string): Field[] {
  const fields: Field[] = [];
  for (let from = 0; from <= line.length; ) {
    FIELD.lastIndex = from;
    const [whole = "", quoted, bare = ""] = FIELD.exec(line) ?? [];
    const to = from + whole.length;
    fields.push({ from, to, value: quoted === undefined ? trimmed(bare) : unquoted(quoted) });
    from = to + 1;
  }
  return fields;
}

/** A value as a field. */
export function written(value: string): string {
  if (!/[",\n\r]|^[ \t]|[ \t]$/.test(value)) return value;
  const escaped = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped.replaceAll('"', '""')}"`;
}

export function writtenColumn({ name, type }: SheetColumn): string {
  return written(`${name}:${type}`);
}

/** The columns of the first line, or why it has none. */
export function columnsOf(line: string): readonly SheetColumn[] | string {
  const fields = fieldsOf(line);
  if (fields.every(({ value }) => value === "")) return "The first line has to name the columns, such as item:text,amount:number.";
  if (fields.length > MAX_COLUMNS) return `There are ${fields.length} columns; ${MAX_COLUMNS} are the most.`;
  const columns: SheetColumn[] = [];
  for (const [place, { value }] of fields.entries()) {
    const { name, type } = named(value);
    if (!name) return `Column ${place + 1} has no name.`;
    if (columns.some((other) => other.name === name)) return `Two columns are called “${name}”.`;
    if (!isColumnType(type)) return `Column ${place + 1}: “${type}” is not a type; write text, number, date or boolean after the last colon.`;
    columns.push({ name, type });
  }
  return columns;
}

/** What of the text are rows: a line break at its end begins none. */
export function rowCountOf(doc: Text): number {
  return doc.lines - 1 - (doc.lines > 1 && doc.line(doc.lines).length === 0 ? 1 : 0);
}

/** The fields of a row, from 0, in the document; none of a row that is not there. Row -1 is the line of the columns. */
export function rowFields(doc: Text, row: number): Field[] {
  if (row >= rowCountOf(doc)) return [];
  const line = doc.line(row + 2);
  return fieldsOf(line.text).map(({ from, to, value }) => ({ from: line.from + from, to: line.from + to, value }));
}

function named(told: string): { name: string; type: string } {
  const colon = told.lastIndexOf(":");
  if (colon < 0) return { name: trimmed(told), type: "text" };
  return { name: trimmed(told.slice(0, colon)), type: trimmed(told.slice(colon + 1)) };
}

function isColumnType(type: string): type is ColumnType {
  return (COLUMN_TYPES as readonly string[]).includes(type);
}

function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

function unquoted(text: string): string {
  return text.replaceAll('""', '"').replace(/\\([nr\\])/g, (_, sign: string) => ESCAPED[sign] ?? sign);
}
