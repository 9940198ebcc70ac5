// What the history says of edits, checkpoints and differences. Pure.

import type { Change, CheckpointReason, Difference } from "../protocol/history";

export function editCount(count: number): string {
  return count === 1 ? "1 edit" : `${count} edits`;
}

export function cellCount(count: number): string {
  return count === 1 ? "1 cell" : `${count} cells`;
}

/** Whether the server took the checkpoint by itself. */
export function isAutomatic(reason: CheckpointReason): boolean {
  return reason !== "manual";
}

export function changeName(change: Change): string {
  return CHANGE_NAMES[change];
}

/** "2 cells added, 1 changed, 1 moved" since a checkpoint. */
export function summaryOf(differences: readonly Difference[]): string {
  if (differences.length === 0) return "Nothing has changed since.";
  const parts = COUNTED.map(([word, changes]) => ({
    word,
    count: differences.filter(({ change }) => changes.includes(change)).length,
  })).filter(({ count }) => count > 0);
  const [first, ...rest] = parts.map(({ word, count }, index) => `${index ? count : cellCount(count)} ${word}`);
  return `Since then: ${[first, ...rest].join(", ")}.`;
}

const CHANGE_NAMES: Readonly<Record<Change, string>> = {
  added: "Added",
  removed: "Removed",
  changed: "Changed",
  moved: "Moved",
  moved_and_changed: "Moved and changed",
};

const COUNTED: readonly (readonly [string, readonly Change[]])[] = [
  ["added", ["added"]],
  ["removed", ["removed"]],
  ["changed", ["changed", "moved_and_changed"]],
  ["moved", ["moved", "moved_and_changed"]],
];
