// Which variables the panel shows, in which order, and how. Pure.

import type { Variable, VariableDetails } from "../protocol/types";

export type Column = "name" | "type" | "shape" | "size";

export interface Order {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** Those whose name or type has `filter` in it; equal ones by name. */
export function arranged(variables: readonly Variable[], filter: string, { column, isDescending }: Order): Variable[] {
  const wanted = filter.trim().toLowerCase();
  const fits = ({ name, type }: Variable): boolean => `${name}\n${type}`.toLowerCase().includes(wanted);
  const sign = isDescending ? -1 : 1;
  return variables.filter(fits).sort((a, b) => sign * COMPARISONS[column](a, b) || compareTexts(a.name, b.name));
}

/** The names that the last run bound, and those that look different than before it (null: nobody looked then). */
export function changedNames(before: readonly Variable[] | null, after: readonly Variable[]): ReadonlySet<string> {
  const old = new Map(before?.map((variable) => [variable.name, looksOf(variable)]));
  const isOther = (variable: Variable): boolean => before !== null && old.get(variable.name) !== looksOf(variable);
  return new Set(after.filter((each) => each.is_changed || isOther(each)).map(({ name }) => name));
}

export function formatSize(bytes: number | null): string {
  if (bytes === null) return "";
  if (bytes < 1000) return `${bytes} B`;
  const exponent = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length);
  const value = bytes / 1000 ** exponent;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[exponent - 1] ?? ""}`;
}

/** What is said below the first rows. */
export function restOf({ columns, rows, text, more }: VariableDetails): string {
  if (more > 0) return text ? `and ${more.toLocaleString("en")} more characters` : `and ${more.toLocaleString("en")} more`;
  return columns.length > 0 && rows.length === 0 ? "Nothing is in it." : "";
}

const UNITS = ["kB", "MB", "GB", "TB"];

const COMPARISONS: Readonly<Record<Column, (a: Variable, b: Variable) => number>> = {
  name: (a, b) => compareTexts(a.name, b.name),
  type: (a, b) => compareTexts(a.type, b.type),
  shape: (a, b) => lengthOf(a) - lengthOf(b),
  size: (a, b) => (a.size_bytes ?? -1) - (b.size_bytes ?? -1),
};

function compareTexts(a: string, b: string): number {
  return a.localeCompare(b, "en", { sensitivity: "base" });
}

/** How many values it has in all. */
function lengthOf({ shape }: Variable): number {
  return shape === "" ? -1 : shape.split("×").reduce((product, length) => product * Number(length), 1) || 0;
}

function looksOf({ type, shape, size_bytes, preview }: Variable): string {
  return JSON.stringify([type, shape, size_bytes, preview]);
}
