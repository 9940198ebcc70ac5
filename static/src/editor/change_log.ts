// The last change sets of a text, as the server numbered them: with them a position that somebody told of at an older
// version is found again.

import type { ChangeSet } from "@codemirror/state";

interface Entry {
  readonly clientId: string;
  readonly changes: ChangeSet;
}

// Some seconds of twenty people typing; whoever rests longer tells anew where they are.
const MOST = 1000;

export class ChangeLog {
  #entries: Entry[] = [];

  /** The change set that led to the newest version. */
  add(clientId: string, changes: ChangeSet): void {
    this.#entries.push({ clientId, changes });
    if (this.#entries.length > MOST) this.#entries.shift();
  }

  /**
   * Where the position of `version` is at `newest`; null if that cannot be known (yet). A caret goes with what its own
   * client types, and stays before what others insert there.
   */
  follow(position: number, version: number, newest: number, clientId: string | null): number | null {
    const steps = newest - version;
    if (steps < 0 || steps > this.#entries.length) return null;
    const entries = this.#entries.slice(this.#entries.length - steps);
    return entries.reduce((at, entry) => mapped(at, entry.changes, entry.clientId === clientId ? 1 : -1), position);
  }
}

/** Positions come from other browsers: one that cannot be is taken for the end of the text. */
export function mapped(position: number, changes: ChangeSet, side: -1 | 1): number {
  return changes.mapPos(Math.max(0, Math.min(position, changes.length)), side);
}
