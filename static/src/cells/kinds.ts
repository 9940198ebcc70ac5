import type { CellKind } from "../protocol/types";

/** Whether there is something to run in cells of this kind. */
export function isRunnable(kind: CellKind): boolean {
  return kind === "python" || kind === "sql" || kind === "sheet" || kind === "javascript";
}
