// What a cell says about its runs. Pure.

import { formatBytes } from "../kernel/figures";
import type { Cell, CellKind, CellStatus, QueryProgressMessage, RunBy } from "../protocol/types";

/** `In [5]:`, `In [*]:` while it runs or waits, `In [ ]:` if it never ran. */
export function promptOf({ kind, status, execution_count }: Pick<Cell, "kind" | "status" | "execution_count">): string {
  if (kind === "markdown" || kind === "raw") return "";
  if (status === "running" || status === "queued") return "In [*]:";
  return `In [${execution_count ?? " "}]:`;
}

export function formatElapsed(elapsedMs: number): string {
  if (elapsedMs < 1000) return `${Math.round(elapsedMs)} ms`;
  if (elapsedMs < 60_000) return `${(elapsedMs / 1000).toFixed(1)} s`;
  const seconds = Math.floor(elapsedMs / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The status in words where the prompt does not say it; null if there is nothing to say. */
export function statusNote(status: CellStatus, waitsForInput = false): string | null {
  switch (status) {
    case "queued":
      return "Waiting";
    case "running":
      return waitsForInput ? "Waiting for input" : "Running";
    case "error":
      return "Failed";
    case "cancelled":
      return "Cancelled";
    case "blocked": // its notices say why
    case "idle":
    case "ok":
      return null;
  }
}

/** How far the query of an SQL cell is. */
export function progressNote({ state, rows, bytes }: Pick<QueryProgressMessage, "state" | "rows" | "bytes">): string {
  switch (state) {
    case "queued":
      return "waiting for other queries of this connection";
    case "waiting":
      return "waiting for the database";
    case "fetching":
      return `${rows.toLocaleString("en")} rows, ${formatBytes(bytes)}`;
  }
}

/** Who ran it last: a person, the assistant, a program's token, or whoever ran a cell that this one ran with. */
export function runnerNote({ label, is_reactive }: RunBy): string {
  return is_reactive ? `reactive run by ${label}` : `by ${label}`;
}

/** How a text begins, for lists of cells. */
export function firstLine(text: string): string {
  return text.trimStart().split("\n", 1)[0] ?? "";
}

export function kindName(kind: CellKind): string {
  return { python: "Python", markdown: "Markdown", sql: "SQL", sheet: "Sheet", javascript: "JavaScript", raw: "Raw" }[kind];
}
