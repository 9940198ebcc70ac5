// For tests: a server's side of docs/protocol.md ("Text") in memory, and tabs with an editor on its text.

import { ChangeSet, EditorState, Text, type Transaction } from "@codemirror/state";
import type { CellUpdates, ChangeSetJson, VersionedUpdate } from "../protocol/types";
import { Collaboration, collaborative, type Editable } from "./collab";
import { type Keeper, type Remote, StaleVersion } from "./remote";
import type { Leftover, Unsent } from "./unsent";

export class Server {
  text: string;
  updates: VersionedUpdate[] = [];
  pushes = 0;

  constructor(text: string) {
    this.text = text;
  }

  get version(): number {
    return this.updates.length;
  }

  push(version: number, client_id: string, updates: readonly ChangeSetJson[]): number {
    this.pushes++;
    if (updates.every((changes) => ChangeSet.fromJSON(changes).empty)) return this.version;
    if (version !== this.version) throw new StaleVersion(this.since(version));
    for (const changes of updates) {
      this.text = ChangeSet.fromJSON(changes).apply(Text.of(this.text.split("\n"))).toString();
      this.updates.push({ version: this.version + 1, client_id, changes });
    }
    return this.version;
  }

  /** One answer holds at most three. */
  since(version: number): VersionedUpdate[] {
    return this.updates.slice(version, version + 3);
  }
}

/** A tab with an editor on the server's text. */
export class Tab implements Editable, Remote, Keeper {
  state: EditorState;
  collaboration: Collaboration;
  /** What becomes of the next replies. */
  network: "works" | "down" | "loses the reply" = "works";
  kept: Unsent | null = null;
  failures: unknown[] = [];
  #server: Server;
  #id: string;
  #olderIds = new Set<string>();

  constructor(server: Server, id: string) {
    this.#server = server;
    this.#id = id;
    this.state = EditorState.create({ doc: server.text, extensions: collaborative(server.version) });
    this.collaboration = new Collaboration(this, this, this);
  }

  get text(): string {
    return this.state.doc.toString();
  }

  dispatch(transaction: Transaction): void {
    const before = this.state;
    this.state = transaction.state;
    this.collaboration.stateChanged(before, this.state);
  }

  keep(unsent: Unsent | null): void {
    // What was kept outlives the page as JSON.
    this.kept = JSON.parse(JSON.stringify(unsent)) as Unsent | null;
  }

  failed(error: unknown): void {
    this.failures.push(error);
  }

  /** What the next page finds of this one. */
  get leftover(): Leftover {
    if (!this.kept) throw new Error("Nothing was kept.");
    return { ...this.kept, client_ids: [this.#id, ...this.#olderIds] };
  }

  delete(from: number, to: number): void {
    this.dispatch(this.state.update({ changes: { from, to } }));
  }

  type(insert: string, from = this.state.doc.length): void {
    this.dispatch(this.state.update({ changes: { from, insert } }));
  }

  reconnect(id: string): void {
    this.#olderIds.add(this.#id);
    this.#id = id;
    this.network = "works";
  }

  async push(version: number, updates: ChangeSetJson[]): Promise<number> {
    if (this.network === "down") throw new Error("no connection");
    const accepted = this.#server.push(version, this.#id, JSON.parse(JSON.stringify(updates)) as ChangeSetJson[]);
    if (this.network === "loses the reply") throw new Error("no connection");
    return accepted;
  }

  async pull(sinceVersion: number): Promise<CellUpdates> {
    return { version: this.#server.version, updates: this.#server.since(sinceVersion) };
  }

  isOwn(clientId: string): boolean {
    return clientId === this.#id || this.#olderIds.has(clientId);
  }

  /** The event of everything since `version`. */
  hear(version: number): void {
    this.collaboration.receive(this.#server.version, this.#server.updates.slice(version));
  }
}
