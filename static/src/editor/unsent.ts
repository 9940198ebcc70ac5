// What was typed and is not confirmed by the server, in a form that outlives the page.
//
// Updates that were ever pushed are kept one by one: the server may have accepted them, and then they are recognised
// among its own (`rebase`). The rest is composed into one, so that a long time without a connection stays small.

import { rebaseUpdates, type Update } from "@codemirror/collab";
import { ChangeSet } from "@codemirror/state";
import type { ChangeSetJson, Update as WireUpdate } from "../protocol/types";
import { Unfit } from "./remote";

/** Change sets one after the other, the first on the server's text at `version`. */
export interface Unsent {
  readonly version: number;
  readonly updates: readonly ChangeSetJson[];
}

/** ... of another page, or of an editor that was closed: `client_ids` are the names it had at the server. */
export interface Leftover extends Unsent {
  readonly client_ids: readonly string[];
}

/** Composes the same growing list again and again, at the cost of its newest update. */
export class Composition {
  #updates: readonly Update[] = [];
  #composed: ChangeSet | null = null;

  of(updates: readonly Update[]): ChangeSet | null {
    const known = this.#beginsSame(updates) ? this.#updates.length : 0;
    const start = known > 0 ? this.#composed : null;
    const compose = (before: ChangeSet | null, { changes }: Update): ChangeSet => before?.compose(changes) ?? changes;
    this.#composed = updates.slice(known).reduce<ChangeSet | null>(compose, start);
    this.#updates = updates;
    return this.#composed;
  }

  /** Updates are replaced all at once or only added to: the ends tell. */
  #beginsSame(updates: readonly Update[]): boolean {
    const last = this.#updates.length - 1;
    return last >= 0 && this.#updates[0] === updates[0] && this.#updates[last] === updates[last];
  }
}

/**
 * What is left to do of `leftover` on a text of `length` after `accepted`, the updates since its version: without those
 * of its own that the server has, and moved over those of others. Throws `Unfit`.
 */
export function rebase(leftover: Leftover, accepted: readonly WireUpdate[], length: number): ChangeSet[] {
  const left = rebased(leftover, accepted);
  const end = left.reduce((at, changes) => (at === changes.length ? changes.newLength : Number.NaN), length);
  if (Number.isNaN(end)) throw new Unfit();
  return left.filter((changes) => !changes.empty);
}

function rebased(leftover: Leftover, accepted: readonly WireUpdate[]): ChangeSet[] {
  try {
    const mine = leftover.updates.map((changes) => ChangeSet.fromJSON(changes));
    const known = countOwn(accepted, mine, (clientId) => leftover.client_ids.includes(clientId));
    const over = accepted.slice(known).map(({ changes }) => ({ changes: ChangeSet.fromJSON(changes), clientID: "" }));
    const left = mine.slice(known).map((changes) => ({ changes, clientID: "leftover" }));
    return rebaseUpdates(left, over).map((update) => update.changes);
  } catch {
    // CodeMirror throws plain errors of several kinds at lengths that do not match.
    throw new Unfit();
  }
}

/**
 * How many of `updates`, the first of which follows the version that `mine` were made on, are `mine`. A push is accepted
 * at exactly its version, so they come first and as they were sent. Anything else under the same name was typed in
 * another editor that the page had, before or after, on the same text.
 */
export function countOwn(
  updates: readonly WireUpdate[],
  mine: readonly ChangeSet[],
  isOurName: (clientId: string) => boolean,
): number {
  const isOwn = ({ client_id, changes }: WireUpdate, index: number): boolean =>
    isOurName(client_id) && JSON.stringify(changes) === JSON.stringify(mine[index]);
  const first = updates.findIndex((update, index) => !isOwn(update, index));
  return first < 0 ? updates.length : first;
}
