// Editing a text together: the protocol between an editor and the server, over @codemirror/collab.
//
// The editor's document is the server's text at a version plus local updates the server has not confirmed. They are
// pushed with the version they are based on, one push at a time. The server accepts them if it has that version;
// else it answers with the updates we missed, which are taken in (that rebases ours), and ours are pushed again.
// What others push comes as events; a hole between our version and an event's is filled by asking.
//
// The server names each connection anew, but what this tab sent under an older name is still its own: `isOwn`
// decides, and to CodeMirror all of it is one client.

import { collab, getSyncedVersion, receiveUpdates, sendableUpdates, type Update } from "@codemirror/collab";
import { ChangeSet, type Extension, type EditorState, type Transaction } from "@codemirror/state";
import type { CellUpdates, ChangeSetJson, Update as WireUpdate, VersionedUpdate } from "../protocol/types";

/** How an editor reaches the server. It need not know which cell it is for. */
export interface Remote {
  /** Resolves to the new version. Throws `StaleVersion` with what was missed, or the error it met. */
  push(version: number, updates: ChangeSetJson[]): Promise<number>;
  pull(sinceVersion: number): Promise<CellUpdates>;
  isOwn(clientId: string): boolean;
}

/** Others were faster. `missed` are the updates after the version pushed, oldest first. */
export class StaleVersion extends Error {
  constructor(readonly missed: readonly VersionedUpdate[]) {
    super("The text was edited meanwhile.");
  }
}

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

export function collaborative(version: number): Extension {
  return collab({ startVersion: version, clientID: OWN });
}

export class Collaboration {
  #editor: Editable;
  #remote: Remote;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #failed: (error: unknown) => void;

  /** `failed` hears of every push that did not get through; the updates stay and are tried again. */
  constructor(editor: Editable, remote: Remote, failed: (error: unknown) => void) {
    this.#editor = editor;
    this.#remote = remote;
    this.#failed = failed;
  }

  // Lifecycle

  stop(): void {
    clearTimeout(this.#timer);
  }

  // Actions

  get version(): number {
    return getSyncedVersion(this.#editor.state);
  }

  get hasUnsent(): boolean {
    return sendableUpdates(this.#editor.state).length > 0;
  }

  /** Local updates were made: push them soon. */
  schedulePush(): void {
    this.#flushIn(PUSH_DELAY_MS);
  }

  /** Resolves when the server has everything that was typed; rejects if it cannot be reached or refuses. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#running || this.hasUnsent) {
      this.#running ??= this.#push().finally(() => (this.#running = null));
      await this.#running;
    }
  }

  /** Take in an event: `updates` lead to `version`. What is known already is skipped. */
  receive(version: number, updates: readonly WireUpdate[]): void {
    const missing = version - this.version;
    if (missing <= 0) return;
    if (missing > updates.length) void this.pull().catch(this.#failed);
    else this.#apply(updates.slice(updates.length - missing));
  }

  /** Ask for what we missed, and push what waits: after a reconnect, or when there is a hole. */
  async pull(): Promise<void> {
    for (let behind = true; behind; ) {
      const { version, updates } = await this.#remote.pull(this.version);
      // One answer holds a bounded number of updates.
      behind = version > this.version && this.#applyMissed(updates) && version > this.version;
    }
    if (this.hasUnsent) await this.flush();
  }

  // Private

  #flushIn(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.flush().catch((error: unknown) => {
        this.#failed(error);
        this.#flushIn(RETRY_MS);
      });
    }, delayMs);
  }

  async #push(): Promise<void> {
    const { state } = this.#editor;
    const based = getSyncedVersion(state);
    const updates = sendableUpdates(state).slice(0, MAX_UPDATES);
    if (updates.length === 0) return;
    try {
      const version = await this.#remote.push(based, updates.map((update) => update.changes.toJSON() as ChangeSetJson));
      // The event that carries our updates back may have been faster than the reply.
      if (this.version === based) this.#applyOwn(updates.slice(0, version - based));
    } catch (error) {
      if (!(error instanceof StaleVersion)) throw error;
      // Without anything new the next push would be refused just the same.
      if (!this.#applyMissed(error.missed) && this.version === based) throw error;
    }
  }

  /** Whether anything was new. */
  #applyMissed(updates: readonly VersionedUpdate[]): boolean {
    const fresh = updates.filter((update) => update.version > this.version);
    if (fresh[0]?.version !== this.version + 1) return false;
    this.#apply(fresh);
    return true;
  }

  #apply(updates: readonly WireUpdate[]): void {
    const parsed: Update[] = updates.map(({ client_id, changes }) => ({
      changes: ChangeSet.fromJSON(changes),
      clientID: this.#remote.isOwn(client_id) ? OWN : OTHER,
    }));
    this.#editor.dispatch(receiveUpdates(this.#editor.state, parsed));
  }

  #applyOwn(updates: readonly Update[]): void {
    const own = updates.map(({ changes }) => ({ changes, clientID: OWN }));
    this.#editor.dispatch(receiveUpdates(this.#editor.state, own));
  }
}
