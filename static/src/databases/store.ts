// What databases have, as far as somebody asked: for the panel and for what is offered while SQL is typed.

import type { Database } from "./database";

// The server keeps it for longer; here it is for not asking at every key.
const KEPT_MS = 300_000;
// What failed is asked again after a while.
const FAILED_MS = 30_000;

interface Entry {
  readonly loading: Promise<Database>;
  readonly askedAt: number;
  known: Database | null;
  hasFailed: boolean;
}

export class DatabaseStore {
  #load: (connectionId: string, isFresh: boolean) => Promise<Database>;
  #entries = new Map<string, Entry>();

  constructor(load: (connectionId: string, isFresh: boolean) => Promise<Database>) {
    this.#load = load;
  }

  /** What is known without asking. */
  known(connectionId: string): Database | null {
    return this.#entries.get(connectionId)?.known ?? null;
  }

  /** `isFresh`: as it is now. Rejects with why it cannot be had. */
  database(connectionId: string, isFresh = false): Promise<Database> {
    const entry = this.#entries.get(connectionId);
    const age = entry ? Date.now() - entry.askedAt : Infinity;
    if (entry && !isFresh && age < (entry.hasFailed ? FAILED_MS : KEPT_MS)) return entry.loading;
    return this.#ask(connectionId, isFresh).loading;
  }

  // Private

  #ask(connectionId: string, isFresh: boolean): Entry {
    const loading = this.#load(connectionId, isFresh);
    const entry: Entry = { loading, askedAt: Date.now(), known: this.known(connectionId), hasFailed: false };
    this.#entries.set(connectionId, entry);
    loading.then(
      (database) => (entry.known = database),
      () => (entry.hasFailed = true),
    );
    return entry;
  }
}
