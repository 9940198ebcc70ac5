// The rows of the tree of databases: connections, schemas, tables and columns, as far as they are open or searched for.
// Pure.

import type { Source } from "../protocol/types";
import type { Column, Database, Schema, Table } from "./database";

// The browser lays out so many without a pause.
export const MAX_ROWS = 2000;

export interface Branch {
  readonly source: Source;
  readonly database: Database | null;
  /** What there is to say of it besides. */
  readonly note: string;
}

export interface Row {
  readonly key: string;
  readonly kind: "connection" | "schema" | "table" | "view" | "column";
  /** From 1. */
  readonly level: number;
  readonly label: string;
  readonly detail: string;
  /** When that was so, of a connection that was looked at. */
  readonly asOf: string;
  /** null: there is nothing in it. */
  readonly isOpen: boolean | null;
  /** What goes into a statement; empty: nothing does. */
  readonly written: string;
}

export interface Rows {
  readonly rows: readonly Row[];
  readonly isCut: boolean;
}

/** `open` has the keys of those that people opened; what is searched for is open besides. */
export function rowsOf(branches: readonly Branch[], open: ReadonlySet<string>, search: string): Rows {
  const wanted = search.trim().toLowerCase();
  const rows = branches.flatMap((branch) => rowsOfBranch(branch, open, wanted));
  return { rows: rows.slice(0, MAX_ROWS), isCut: rows.length > MAX_ROWS };
}

function rowsOfBranch({ source, database, note }: Branch, open: ReadonlySet<string>, wanted: string): Row[] {
  const isSearched = wanted !== "" && database !== null;
  const isOpen = isSearched || open.has(source.id);
  const row: Row = {
    ...{ key: source.id, kind: "connection", level: 1, label: source.name, detail: note, written: "" },
    ...{ asOf: database?.as_of ?? "", isOpen },
  };
  const schemas = isOpen ? (database?.schemas ?? []) : [];
  return [row, ...schemas.flatMap((schema) => rowsOfSchema(keyIn(source.id, schema.name), schema, open, wanted))];
}

function rowsOfSchema(key: string, schema: Schema, open: ReadonlySet<string>, wanted: string): Row[] {
  const tables = wanted ? schema.tables.filter((table) => has(table, wanted)) : schema.tables;
  if (wanted && tables.length === 0) return [];
  const isOpen = wanted !== "" || open.has(key);
  const detail = `${schema.tables.length.toLocaleString("en")} ${schema.tables.length === 1 ? "table" : "tables"}`;
  const row: Row = { key, kind: "schema", level: 2, label: schema.name, detail, asOf: "", isOpen, written: "" };
  return [row, ...(isOpen ? tables.flatMap((table) => rowsOfTable(key, schema, table, open, wanted)) : [])];
}

function rowsOfTable(parent: string, schema: Schema, table: Table, open: ReadonlySet<string>, wanted: string): Row[] {
  const { name: label, kind, columns } = table;
  const key = keyIn(parent, label);
  const found = wanted ? columns.filter(({ name }) => includes(name, wanted)) : [];
  const isOpen = found.length > 0 || open.has(key);
  const written = schema.is_default ? table.written : `${schema.written}.${table.written}`;
  const row: Row = { key, kind, level: 3, label, detail: kind === "view" ? "view" : "", asOf: "", isOpen, written };
  return [row, ...(open.has(key) ? columns : found).map((column) => rowOfColumn(key, column))];
}

function rowOfColumn(parent: string, { name, type, written }: Column): Row {
  return { key: keyIn(parent, name), kind: "column", level: 4, label: name, detail: type, asOf: "", isOpen: null, written };
}

function has({ name, columns }: Table, wanted: string): boolean {
  return includes(name, wanted) || columns.some((column) => includes(column.name, wanted));
}

function includes(name: string, wanted: string): boolean {
  return name.toLowerCase().includes(wanted);
}

/** Names may have anything in them but this. */
export function keyIn(key: string, name: string): string {
  return `${key}\0${name}`;
}

/** What is left of `key` without its last name; empty for that of a connection. */
export function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf("\0")));
}
