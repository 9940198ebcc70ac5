// What people are told when others were there first: who it was, and what was not done. Pure.

import type { Toast } from "../panels/toasts";
import type { UndoOutcome } from "../protocol/history";

/** A change that is refused if the cell has been edited since it was seen. */
export type Attempt = "delete" | "split" | "merge" | "restore";

const REFUSALS: Readonly<Record<Attempt, (who: string) => string>> = {
  delete: (who) => `Not deleted: ${who} edited the cell since you saw it.`,
  split: (who) => `Not split: ${who} edited the cell since you saw it.`,
  merge: (who) => `Not merged: ${who} edited one of the cells since you saw them.`,
  restore: (who) => `Not restored: ${who} edited the cell since you saw it.`,
};

export function refusalOf(attempt: Attempt, editedBy: readonly string[]): string {
  return REFUSALS[attempt](namesOf(editedBy));
}

/** On the button that does it all the same. */
export function againLabel(attempt: Attempt): string {
  return attempt === "delete" ? "Delete anyway" : "Try again";
}

/** Of a cell that was to be changed. */
export function goneCell(deletedBy: string | undefined): string {
  return `${deletedBy ?? "Somebody"} deleted that cell.`;
}

/** Of a cell that had text nobody else has seen yet. */
export function lostCell(deletedBy: string | undefined): string {
  return `${deletedBy ?? "Somebody"} deleted the cell you were typing in.`;
}

/** What became of taking back the edits of `who`. */
export function outcomeOf(outcome: UndoOutcome, who: string): Toast {
  switch (outcome) {
    case "undone":
      return { tone: "info", text: `Undone: these edits of ${who}. What others typed since is still there.` };
    case "nothing":
      return { tone: "info", text: `There is nothing left of these edits of ${who}.` };
    case "overwritten":
      return { tone: "error", text: "Not undone: somebody has changed the same text since. Nothing was changed." };
    case "deleted":
      return { tone: "error", text: "Not undone: the cell is deleted. Bring it back first." };
  }
}

/** "ada", "ada and bob", "ada, bob and 2 others". */
export function namesOf(labels: readonly string[]): string {
  const [first, second, third, ...more] = labels;
  if (first === undefined) return "somebody";
  if (second === undefined) return first;
  if (third === undefined) return `${first} and ${second}`;
  return more.length === 0 ? `${first}, ${second} and ${third}` : `${first}, ${second} and ${more.length + 1} others`;
}
