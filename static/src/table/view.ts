// How somebody wants to see a table: sorted, filtered, searched. As the server is asked for it. Pure.

import type { Column, Kind } from "./content";

export interface Sort {
  readonly column: number;
  readonly is_descending: boolean;
}

export interface Filter {
  readonly column: number;
  readonly operation: string;
  readonly value: string;
}

export interface View {
  readonly sort: readonly Sort[];
  readonly filters: readonly Filter[];
  readonly search: string;
}

export const WHOLE: View = { sort: [], filters: [], search: "" };

const TEXT = ["contains", "not_contains", "starts_with", "equals", "not_equals"];
const ORDERED = ["equals", "not_equals", "less", "at_most", "greater", "at_least"];
const OPERATIONS: Readonly<Record<Kind, readonly string[]>> = {
  number: ORDERED,
  time: ORDERED,
  bool: ["equals", "not_equals"],
  text: TEXT,
  other: TEXT,
};
const NAMES: Readonly<Record<string, string>> = {
  contains: "contains",
  not_contains: "does not contain",
  starts_with: "begins with",
  equals: "is",
  not_equals: "is not",
  less: "is less than",
  at_most: "is at most",
  greater: "is more than",
  at_least: "is at least",
  is_null: "is null",
  not_null: "is not null",
};

/** What a column can be filtered by, and how that is called. */
export function operationsOf({ kind }: Column): readonly (readonly [string, string])[] {
  return [...OPERATIONS[kind], "is_null", "not_null"].map((operation) => [operation, operationName(operation)]);
}

export function operationName(operation: string): string {
  return NAMES[operation] ?? operation;
}

export function needsValue(operation: string): boolean {
  return operation !== "is_null" && operation !== "not_null";
}

export function isWhole({ sort, filters, search }: View): boolean {
  return sort.length === 0 && filters.length === 0 && search === "";
}

/** After a click on the column: upwards, downwards, not at all. `isAdded`: after those that it is sorted by already. */
export function sortedBy(view: View, column: number, isAdded: boolean): View {
  const old = view.sort.find((each) => each.column === column);
  const others = isAdded ? view.sort.filter((each) => each !== old) : [];
  if (old?.is_descending) return { ...view, sort: others };
  return { ...view, sort: [...others, { column, is_descending: old !== undefined }] };
}

/** With `filter` in place of those of its column; null: without any. */
export function filteredBy(view: View, column: number, filter: Filter | null): View {
  const others = view.filters.filter((each) => each.column !== column);
  return { ...view, filters: filter ? [...others, filter] : others };
}

export function sortOf(view: View, column: number): "ascending" | "descending" | "none" {
  const sort = view.sort.find((each) => each.column === column);
  if (!sort) return "none";
  return sort.is_descending ? "descending" : "ascending";
}
