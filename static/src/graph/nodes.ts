// What a node of the graph says of its cell. Pure.

import type { Numbers } from "../cells/numbers";
import { firstLine } from "../cells/wording";
import type { Dependencies } from "../protocol/dependencies";
import type { Cell, CellDependencies } from "../protocol/types";

export type NodeState =
  | "running"
  | "queued"
  | "disabled"
  | "cycle"
  | "blocked"
  | "error"
  | "stale"
  | "never_ran"
  | "fresh";

export interface GraphNode {
  readonly id: string;
  readonly number: number;
  /** The names it writes, or how its text begins. */
  readonly label: string;
  readonly state: NodeState;
}

const WORDS: Readonly<Record<NodeState, string>> = {
  running: "running",
  queued: "waiting",
  disabled: "does not run: disabled",
  cycle: "does not run: a cycle",
  blocked: "did not run: a cell it needs failed",
  error: "failed",
  stale: "stale",
  never_ran: "not run yet",
  fresh: "up to date",
};

/** Of the cells that can be run, in document order. */
export function nodesOf(cells: readonly Cell[], dependencies: Dependencies, numbers: Numbers): GraphNode[] {
  return cells.flatMap((cell) => {
    const known = dependencies.cells.get(cell.id);
    if (!known) return [];
    const label = known.writes.join(", ") || firstLine(cell.source);
    return [{ id: cell.id, number: numbers.get(cell.id) ?? 0, label, state: stateOf(cell, known) }];
  });
}

export function describe({ number, label, state }: GraphNode): string {
  return `Cell ${number}${label ? `, ${label}` : ""}: ${WORDS[state]}`;
}

function stateOf({ status, is_disabled }: Cell, { obstacle, stale }: CellDependencies): NodeState {
  if (status === "running" || status === "queued") return status;
  if (is_disabled) return "disabled";
  if (obstacle) return obstacle.kind;
  if (status === "blocked" || status === "error") return status;
  if (!stale) return "fresh";
  return stale.reason === "never_ran" ? "never_ran" : "stale";
}
