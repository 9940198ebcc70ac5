// What an output says of a table (`application/vnd.tandem.table+json`, docs/protocol.md "Tables"), checked, because any
// notebook may come from anywhere. Pure.

export const TABLE_TYPE = "application/vnd.tandem.table+json";

export type Cell = string | null;
export type Row = readonly Cell[];
export type Kind = "number" | "text" | "bool" | "time" | "other";
const KINDS: readonly string[] = ["number", "text", "bool", "time", "other"];

/** What is known of the values of a column. */
export interface Summary {
  readonly nulls: number;
  /** Whether the rest was worked out from some of the rows. */
  readonly is_sampled?: boolean;
  readonly min?: string;
  readonly max?: string;
  /** How many values there are in each of equally wide ranges. */
  readonly bins?: readonly number[];
  readonly distinct?: number;
  /** The most common values and how often they come. */
  readonly top?: readonly (readonly [string, number])[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly kind: Kind;
  /** Part of the index of a dataframe of pandas. */
  readonly is_index: boolean;
  readonly summary: Summary | null;
}

export interface TableContent {
  readonly table_id: string;
  readonly row_count: number;
  /** There may be more than `columns`. */
  readonly column_count: number;
  readonly columns: readonly Column[];
  /** The first ones. */
  readonly rows: readonly Row[];
  readonly note: string;
}

/** Throws if it is none. */
export function tableContent(value: unknown): TableContent {
  const { table_id, row_count, column_count, columns, rows, note } = record(value);
  if (typeof table_id !== "string" || !isCount(row_count) || !isCount(column_count)) throw notATable();
  if (!Array.isArray(columns) || !Array.isArray(rows) || rows.length > row_count) throw notATable();
  const known = columns.map(columnOf);
  const isRow = (row: unknown): row is Row =>
    Array.isArray(row) && row.length === known.length && row.every((cell) => cell === null || typeof cell === "string");
  if (!rows.every(isRow)) throw notATable();
  return { table_id, row_count, column_count, columns: known, rows, note: typeof note === "string" ? note : "" };
}

export function summaryOf(value: unknown): Summary | null {
  if (value === null || typeof value !== "object") return null;
  const { nulls, is_sampled, min, max, bins, distinct, top } = record(value);
  if (!isCount(nulls)) return null;
  return {
    nulls,
    is_sampled: is_sampled === true,
    ...(typeof min === "string" && typeof max === "string" ? { min, max } : {}),
    ...(Array.isArray(bins) && bins.every(isCount) ? { bins } : {}),
    ...(isCount(distinct) ? { distinct } : {}),
    ...(Array.isArray(top) && top.every(isPair) ? { top } : {}),
  };
}

function columnOf(value: unknown): Column {
  const { name, type, kind, is_index, summary } = record(value);
  if (typeof name !== "string" || typeof type !== "string" || !KINDS.includes(String(kind))) throw notATable();
  return { name, type, kind: kind as Kind, is_index: is_index === true, summary: summaryOf(summary) };
}

function record(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== "object") throw notATable();
  return value as Record<string, unknown>;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPair(value: unknown): value is [string, number] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && isCount(value[1]);
}

function notATable(): Error {
  return new Error("This is no table.");
}
