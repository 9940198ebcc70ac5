// Cells as people read them, and as other programs take them. Pure.

import type { Cell, Column, Row, Summary } from "./content";

// The server's cells have at most this many characters, and then end with an ellipsis.
const MAX_CELL_CHARS = 500;
const DECIMALS = 6;
const CHARACTER_PX = 7.7;
const PADDING_PX = 24;
const MIN_WIDTH_PX = 84;
const MAX_WIDTH_PX = 320;

/** In the grid: numbers with as many digits as can be read, one line of text. */
export function shown(cell: Cell, { kind }: Pick<Column, "kind">): string {
  if (cell === null) return "null";
  if (kind === "number") return shortNumber(cell);
  return cell.length > 200 ? `${cell.slice(0, 199)}…` : cell;
}

/** Whether there is more of it than the cell says. */
export function isCut(cell: Cell): boolean {
  return cell !== null && cell.length === MAX_CELL_CHARS && cell.endsWith("…");
}

function shortNumber(text: string): string {
  const [mantissa = "", exponent] = text.split("e");
  const decimals = mantissa.split(".")[1]?.length ?? 0;
  if (decimals <= DECIMALS || !Number.isFinite(Number(text))) return text;
  if (exponent !== undefined) return `${trimmed(Number(mantissa).toFixed(DECIMALS))}e${exponent}`;
  return Math.abs(Number(text)) < 1 ? trimmed(Number(text).toPrecision(DECIMALS)) : Number(text).toFixed(DECIMALS);
}

/** Without zeros that say nothing. */
function trimmed(text: string): string {
  return text.includes("e") ? text : text.replace(/\.?0+$/, "");
}

/** Tab-separated, as spreadsheets take it: what would break the lines is quoted. */
export function tabSeparated(rows: readonly Row[]): string {
  return rows.map((row) => row.map(separable).join("\t")).join("\n");
}

function separable(cell: Cell): string {
  if (cell === null) return "";
  return /[\t\n\r"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Of a column, so that its name and most of its first cells can be read. */
export function widthOf(column: Pick<Column, "name" | "type" | "kind">, cells: readonly Cell[]): number {
  const longest = Math.max(0, ...cells.map((cell) => shown(cell, column).length));
  const name = column.name.length + 5; // and its buttons
  const type = Math.min(column.type.length, 14) * 0.85 + 8; // and the share of nulls
  const wanted = Math.max(longest, name, type) * CHARACTER_PX + PADDING_PX;
  return Math.round(Math.min(Math.max(wanted, MIN_WIDTH_PX), MAX_WIDTH_PX));
}

/** What a summary says, in words. */
export function summaryText(summary: Summary | null, rowCount: number): string {
  if (!summary) return "";
  const parts = [summary.nulls === 0 ? "no nulls" : `${count(summary.nulls)} null (${share(summary.nulls, rowCount)})`];
  if (summary.min !== undefined) parts.push(`from ${summary.min} to ${summary.max}`);
  if (summary.distinct !== undefined) parts.push(distinctText(summary));
  const top = (summary.top ?? []).map(([value, times]) => (summary.is_sampled ? value : `${value}: ${count(times)}`));
  if (top.length > 0) parts.push(`most often ${top.join(", ")}`);
  return parts.join(", ");
}

/** Of texts, of which there is no picture. */
export function distinctText(summary: Summary | null): string {
  if (summary?.distinct === undefined) return "";
  return `${summary.is_sampled ? "over " : ""}${count(summary.distinct)} different`;
}

export function nullsText(summary: Summary | null, rowCount: number): string {
  return summary && summary.nulls > 0 ? `${share(summary.nulls, rowCount)} null` : "";
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

function share(part: number, whole: number): string {
  const percent = (100 * part) / Math.max(1, whole);
  if (percent > 0 && percent < 1) return "<1 %";
  return `${percent > 99 && percent < 100 ? 99 : Math.round(percent)} %`;
}
