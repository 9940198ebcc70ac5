// What a turn did to a cell, and what became of it when it was undone, in words. Pure.

import type { DoneChange, UndoneChange } from "../protocol/chat";

const DONE: Readonly<Record<DoneChange["kind"], string>> = {
  created: "made",
  edited: "edited",
  moved: "moved",
  deleted: "deleted",
};

const OUTCOMES: Readonly<Record<UndoneChange["outcome"], string>> = {
  undone: "undone",
  nothing: "nothing was left to undo",
  kept: "kept, because others have edited it since",
  moved: "left where it is, because others have moved it since",
  overwritten: "left as it is, because others have changed the same text since",
  deleted: "left as it is, because it was deleted since",
};

export function changeWords(changes: readonly DoneChange["kind"][]): string {
  return changes.map((change) => DONE[change]).join(", ");
}

export function outcomeWords(outcome: UndoneChange["outcome"]): string {
  return OUTCOMES[outcome] ?? outcome;
}

/** How a cell of a run ended; nothing if as it should. */
export function endedWords(status: string): string {
  return status === "ok" ? "" : ` (${status})`;
}

/** How a run stands, if it has not ended. */
export function runWords(status: string): string {
  return status === "queued" || status === "running" ? ": goes on" : "";
}

export function undoneLine(by: string, at: string, cells: readonly Pick<UndoneChange, "outcome">[]): string {
  const left = cells.filter(({ outcome }) => outcome !== "undone" && outcome !== "nothing").length;
  const rest = left === 0 ? "" : ` ${left === 1 ? "One change was" : `${left} changes were`} left, see below.`;
  return `Undone by ${by}, ${at}. What people typed since stayed.${rest}`;
}
