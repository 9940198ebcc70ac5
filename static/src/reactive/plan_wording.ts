// What a plan says in all. Pure.

import { formatElapsed } from "../cells/wording";
import type { Plan } from "../protocol/types";

export function summaryOf({ cells, estimated_s }: Plan): string {
  if (cells.length === 0) return "Nothing would run.";
  const count = cells.length === 1 ? "One cell" : `${cells.length} cells`;
  const time = estimated_s === null ? "how long it takes is not known yet" : estimateOf(estimated_s);
  return `${count}, ${time}.`;
}

/** Of one cell or all; what never ran has none. */
export function estimateOf(estimated_s: number | null): string {
  return estimated_s === null ? "" : `about ${formatElapsed(estimated_s * 1000)}`;
}

export function skippedNote(kind: string): string {
  return kind === "cycle" ? "needs itself" : "is disabled";
}
