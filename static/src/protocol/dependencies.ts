// What cells read and write, and which are stale, as the server works it out after changes. Pure. Its frames have no
// place among the events: a cell may be known here before it is in the notebook, and still after it has gone.

import type { CellDependencies, Cycle, DependenciesMessage } from "./types";

export interface Dependencies {
  /** By cell id. A cell that has not changed stays the same object. */
  readonly cells: ReadonlyMap<string, CellDependencies>;
  readonly cycles: readonly Cycle[];
}

export const NOTHING_KNOWN: Dependencies = { cells: new Map(), cycles: [] };

export function takeDependencies(before: Dependencies, message: DependenciesMessage): Dependencies {
  const cells = new Map(message.is_whole ? [] : before.cells);
  for (const [cellId, dependencies] of Object.entries(message.cells)) {
    if (dependencies) cells.set(cellId, dependencies);
    else cells.delete(cellId);
  }
  return { cells, cycles: message.cycles };
}

/** How many cells a run of the stale ones is for. None before anything ran: all cells are run then, not the stale. */
export function staleCount({ cells }: Dependencies): number {
  const runnable = [...cells.values()].filter(({ obstacle }) => !obstacle);
  if (runnable.every(({ stale }) => stale?.reason === "never_ran")) return 0;
  return runnable.filter(({ stale }) => stale).length;
}
