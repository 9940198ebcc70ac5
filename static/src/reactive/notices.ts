// What is to be said of a cell besides how its last run went: that it is stale, did not run, or never will, and why.
// Pure.

import type { Dependencies } from "../protocol/dependencies";
import type { Cell, CellDependencies, Cycle, Obstacle, StaleReason } from "../protocol/types";

export type Tone = "never_ran" | "stale" | "blocked" | "disabled" | "cycle" | "unreadable" | "warning";

/** A piece of a sentence: words, or a cell to go to. */
export type Piece = string | { readonly cell_id: string };

export interface Notice {
  readonly tone: Tone;
  readonly headline: readonly Piece[];
  /** Why, for whoever looks closer. */
  readonly reason: readonly Piece[];
  /** It is this very cell that is disabled. */
  readonly canBeEnabled?: true;
}

export function noticesOf(cell: Cell, { cells, cycles }: Dependencies): Notice[] {
  const dependencies = cells.get(cell.id);
  const hindrance = hindranceOf(cell, dependencies?.obstacle ?? null, cycles);
  const results = hindrance ? [hindrance] : resultNotices(cell, dependencies?.stale ?? null);
  return [...results, ...sourceNotices(dependencies)];
}

/** Why the cell never runs. */
function hindranceOf({ id, is_disabled }: Cell, obstacle: Obstacle | null, cycles: readonly Cycle[]): Notice | null {
  if (is_disabled) {
    const consequence = "it does not run, and neither does what needs it";
    return { ...notice("disabled", ["Disabled"], [consequence]), canBeEnabled: true };
  }
  if (!obstacle) return null;
  const cycle = cycles.find(({ cell_ids }) => cell_ids.includes(id));
  if (cycle) return notice("cycle", ["Needs itself: ", ...roundOf(cycle, id), `, by ${cycle.names.join(", ")}`]);
  const other = { cell_id: obstacle.cell_id };
  if (obstacle.kind === "cycle") return notice("cycle", ["Does not run: it needs ", other, ", which needs itself"]);
  // It is itself the obstacle for a moment after it was enabled.
  if (other.cell_id === id) return null;
  return notice("disabled", ["Does not run: it needs ", other, ", which is disabled"]);
}

/** "cell 1 → cell 2 → cell 1", beginning with the cell that says it. */
function roundOf({ cell_ids }: Cycle, from: string): Piece[] {
  const start = cell_ids.indexOf(from);
  const round = [...cell_ids.slice(start), ...cell_ids.slice(0, start), from];
  return round.flatMap((cell_id, index) => (index === 0 ? [{ cell_id }] : [" → ", { cell_id }]));
}

function resultNotices({ status, blocked_by }: Cell, stale: StaleReason | null): Notice[] {
  if (status === "queued" || status === "running") return [];
  const notices: Notice[] = [];
  if (status === "blocked") notices.push(notice("blocked", ["Did not run: ", ...culprit(blocked_by), " failed"]));
  if (stale?.reason === "never_ran") notices.push(notice("never_ran", ["Not run yet"], ["not in this kernel"]));
  else if (stale) notices.push(notice("stale", ["Stale"], reasonOf(stale)));
  return notices;
}

function culprit(blockedBy: string | null): [Piece] {
  return [blockedBy === null ? "a cell that it needs" : { cell_id: blockedBy }];
}

function reasonOf({ reason, name, cell_id }: StaleReason): Piece[] {
  switch (reason) {
    case "never_ran":
      return ["not run in this kernel"];
    case "source_changed":
      return ["edited since it ran"];
    case "interrupted":
      return ["it was stopped midway"];
    case "input_changed":
      return [`${name} has changed since it ran`];
    case "binding_lost":
      return [`another cell has overwritten its ${name} since`];
    case "producer_stale":
      return [`it reads ${name} from `, cell_id === undefined ? "a cell" : { cell_id }, ", which is stale"];
  }
}

function sourceNotices(dependencies: CellDependencies | undefined): Notice[] {
  if (!dependencies) return [];
  const { error, warnings } = dependencies;
  const unreadable = error === null ? [] : [notice("unreadable", [error])];
  return [...unreadable, ...warnings.map((warning) => notice("warning", [warning]))];
}

function notice(tone: Tone, headline: readonly Piece[], reason: readonly Piece[] = []): Notice {
  return { tone, headline, reason };
}
