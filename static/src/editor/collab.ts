// Editing a text together: the protocol between an editor and the server, over @codemirror/collab.
//
// The editor's document is the server's text at a version plus local updates the server has not confirmed. They are
// pushed with the version they are based on, one push at a time. The server accepts them if it has that version;
// else it answers with the updates we missed, which are taken in (that rebases ours), and ours are pushed again.
// What others push comes as events; a hole between our version and an event's is filled by asking.
//
// The server names each connection anew, but what this editor sent under an older name is still its own: `countOwn`
// decides, and to CodeMirror all of it is one client. A push whose reply was lost is so recognised when it comes back
// as an event or as something missed.
//
// What is not confirmed is handed to the keeper at every change, before it is pushed; what an earlier page left there
// is taken over by `adopt`.

import { collab, getSyncedVersion, receiveUpdates, sendableUpdates, type Update } from "@codemirror/collab";
import { ChangeSet, type Extension, type EditorState, type Transaction } from "@codemirror/state";
import { Alarm } from "../alarm";
import type { ChangeSetJson, Update as WireUpdate, VersionedUpdate } from "../protocol/types";
import { ChangeLog } from "./change_log";
import { Closed, type Keeper, Refused, type Remote, StaleVersion, Unfit } from "./remote";
import { Composition, countOwn, type Leftover, rebase } from "./unsent";

/** What a `Collaboration` needs of an editor; an EditorView is one. */
export interface Editable {
  readonly state: EditorState;
  dispatch(transaction: Transaction): void;
}

const OWN = "own";
const OTHER = "other";
// Typing goes out in small parcels: soon enough to feel live, without a message for each key.
const PUSH_DELAY_MS = 60;
// What did not get through is tried again by itself, however long the trouble lasts.
const RETRY_MS = 10_000;
// The server takes 1000 updates a push.
const MAX_UPDATES = 500;
const MAX_ROUNDS = 100;

export function collaborative(version: number): Extension {
  return collab({ startVersion: version, clientID: OWN });
}

export class Collaboration {
  /** What led to the text at `version`. */
  readonly log = new ChangeLog();
  #editor: Editable;
  #remote: Remote;
  #keeper: Keeper;
  #rest = new Composition();
  /** How many of the unconfirmed updates, from the first, were ever pushed. */
  #pushed = 0;
  /** The names of pages whose updates were adopted. */
  #adopted = new Set<string>();
  #nextPush = new Alarm(() => this.flush().catch((error: unknown) => this.#report(error)));
  #flushing: Promise<void> | null = null;
  #pulling: Promise<void> | null = null;
  #isFailing = false;
  #isStopped = false;

  constructor(editor: Editable, remote: Remote, keeper: Keeper) {
    this.#editor = editor;
    this.#remote = remote;
    this.#keeper = keeper;
  }

  // Lifecycle

  stop(): void {
    this.#isStopped = true;
    this.#nextPush.cancel();
  }

  // Actions

  get version(): number {
    return getSyncedVersion(this.#editor.state);
  }

  /** An update that others' edits have left nothing of does not count: the server has no use for it. */
  get hasUnsent(): boolean {
    return this.#unconfirmed.some((update) => !update.changes.empty);
  }

  /** To be called with each change of the editor's state. */
  stateChanged(before: EditorState, after: EditorState): void {
    if (sendableUpdates(before) === sendableUpdates(after)) return;
    this.#keep();
    if (this.hasUnsent) this.#nextPush.within(PUSH_DELAY_MS);
  }

  /** Resolves when the server has everything that was typed; rejects if it cannot be reached or refuses. */
  flush(): Promise<void> {
    return (this.#flushing ??= this.#pushAll().finally(() => (this.#flushing = null)));
  }

  /** Take in an event: `updates` lead to `version`. What is known already is skipped. */
  receive(version: number, updates: readonly WireUpdate[]): void {
    const missing = version - this.version;
    if (missing <= 0) return;
    if (missing > updates.length) this.pull().catch((error: unknown) => this.#report(error));
    else this.#apply(updates.slice(updates.length - missing));
  }

  /** Ask for what we missed, and push what waits. */
  async pull(): Promise<void> {
    await (this.#pulling ??= this.#pullAll().finally(() => (this.#pulling = null)));
    if (this.hasUnsent) await this.flush();
  }

  /**
   * Take over what another page, or an editor before this one, could not send, as if it were typed here now. Resolves
   * to whether the server did not have it all. Throws `Unfit`, `Closed`, or whatever kept it from the server; then nothing
   * is changed.
   */
  async adopt(leftover: Leftover): Promise<boolean> {
    const accepted = await this.#acceptedSince(leftover.version);
    // A closed editor would take it in without a word, and nobody would keep it.
    if (this.#isStopped) throw new Closed();
    const left = rebase(leftover, accepted, this.#editor.state.doc.length);
    // A push of that page may still be under way at the server: if it is there before ours, it is recognised.
    for (const id of leftover.client_ids) this.#adopted.add(id);
    for (const changes of left) this.#editor.dispatch(this.#editor.state.update({ changes, filter: false }));
    return left.length > 0;
  }

  // Private

  get #unconfirmed(): readonly Update[] {
    return sendableUpdates(this.#editor.state);
  }

  #keep(): void {
    if (!this.hasUnsent) return this.#keeper.keep(null);
    const pushed = this.#unconfirmed.slice(0, this.#pushed).map((update) => update.changes);
    const rest = this.#rest.of(this.#unconfirmed.slice(this.#pushed));
    const updates = (rest ? [...pushed, rest] : pushed).map(toJson);
    this.#keeper.keep({ version: this.version, updates });
  }

  async #pushAll(): Promise<void> {
    this.#nextPush.cancel();
    try {
      while (this.hasUnsent && !this.#isStopped) await this.#push();
      this.#isFailing = false;
    } catch (error) {
      if (!(error instanceof Refused) && !this.#isStopped) this.#nextPush.within(RETRY_MS);
      throw error;
    }
  }

  async #push(): Promise<void> {
    const based = this.version;
    const updates = parcelOf(this.#unconfirmed);
    this.#pushed = Math.max(this.#pushed, updates.length);
    this.#keep();
    try {
      const version = await this.#remote.push(based, updates.map((update) => toJson(update.changes)));
      // The event that carries our updates back may have been faster than the reply.
      if (this.version === based) this.#confirm(updates.slice(0, version - based));
    } catch (error) {
      if (!(error instanceof StaleVersion)) throw error;
      // Without anything new the next push would be refused just the same.
      if (!this.#applyMissed(error.missed) && this.version === based) throw error;
    }
  }

  async #pullAll(): Promise<void> {
    // One answer holds a bounded number of updates.
    for (let wasNew = true; wasNew && !this.#isStopped; ) {
      const { updates } = await this.#remote.pull(this.version);
      wasNew = this.#applyMissed(updates);
    }
  }

  /** What the server accepted after `since`, up to the version the editor then has, with nothing unsent in it. */
  async #acceptedSince(since: number): Promise<WireUpdate[]> {
    const accepted: VersionedUpdate[] = [];
    // Again if somebody types meanwhile, and for the rest of many updates; not for ever, if the versions are nonsense.
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await this.flush();
      accepted.push(...(await this.#remote.pull(since + accepted.length)).updates);
      this.#applyMissed(accepted);
      if (this.version === since + accepted.length && !this.hasUnsent) return accepted;
    }
    throw new Unfit();
  }

  /** Whether anything was new. */
  #applyMissed(updates: readonly VersionedUpdate[]): boolean {
    const fresh = updates.filter((update) => update.version > this.version);
    if (fresh[0]?.version !== this.version + 1) return false;
    this.#apply(fresh);
    return true;
  }

  #apply(updates: readonly WireUpdate[]): void {
    const isOurName = (id: string): boolean => this.#remote.isOwn(id) || this.#adopted.has(id);
    const own = countOwn(updates, this.#unconfirmed.map((update) => update.changes), isOurName);
    const parsed = updates.map(({ changes }, index) => {
      return { changes: ChangeSet.fromJSON(changes), clientID: index < own ? OWN : OTHER };
    });
    this.#receive(parsed, updates.map((update) => update.client_id));
  }

  #confirm(updates: readonly Update[]): void {
    this.#receive(updates.map(({ changes }) => ({ changes, clientID: OWN })), []);
  }

  #receive(updates: readonly Update[], clientIds: readonly string[]): void {
    const unconfirmed = this.#unconfirmed.length;
    for (const [index, { changes }] of updates.entries()) this.log.add(clientIds[index] ?? OWN, changes);
    const transaction = receiveUpdates(this.#editor.state, updates);
    const confirmed = unconfirmed - sendableUpdates(transaction.state).length;
    this.#pushed = Math.max(0, this.#pushed - confirmed);
    this.#editor.dispatch(transaction);
  }

  #report(error: unknown): void {
    if (!this.#isFailing) this.#keeper.failed(error);
    this.#isFailing = true;
  }
}

/** The next updates to push. The server needs one that changes something to give the others a version. */
function parcelOf(updates: readonly Update[]): readonly Update[] {
  const first = updates.findIndex((update) => !update.changes.empty);
  return updates.slice(0, Math.max(MAX_UPDATES, first + 1));
}

function toJson(changes: ChangeSet): ChangeSetJson {
  return changes.toJSON() as ChangeSetJson;
}
