// A notebook page without a document: the product's client and drafts, with an editor open on every cell, wired as
// static/src/page.ts wires them.

import type { CellServices } from "../../../static/src/cells/actions";
import type { CellElement } from "../../../static/src/cells/cell";
import { servicesOver } from "../../../static/src/cells/services";
import type { DraftStore } from "../../../static/src/drafts/draft_store";
import { Drafts } from "../../../static/src/drafts/drafts";
import type { PageLives } from "../../../static/src/drafts/page_lives";
import { Refused } from "../../../static/src/editor/remote";
import { hear, NOBODY, type Present, withoutSilent } from "../../../static/src/presence/present";
import { NotebookClient, type NotebookObserver } from "../../../static/src/protocol/client";
import { CommandError } from "../../../static/src/protocol/socket";
import { findCell, initialState } from "../../../static/src/protocol/state";
import type { CellUpdated, Notebook, PresenceMessage, Whereabouts } from "../../../static/src/protocol/types";
import { TabEditor } from "./editor";

// A browser draws sixty times a second.
const FRAME_MS = 16;

export interface Browser {
  readonly store: DraftStore;
  readonly lives: PageLives;
}

export class Page implements NotebookObserver {
  readonly client: NotebookClient;
  readonly editors = new Map<string, TabEditor>();
  /** Those whose cell is gone, or whose page. */
  readonly closed: TabEditor[] = [];
  /** What should not have happened. */
  readonly errors: string[] = [];
  whereabouts: Whereabouts = { cell_id: null, selection: null };
  #services: CellServices;
  #drafts: Drafts;
  #store: DraftStore;
  #present: Present = NOBODY;
  #frame: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, notebook: Notebook, { store, lives }: Browser) {
    this.client = new NotebookClient(url, initialState(notebook, "editor"), this);
    this.#services = servicesOver(this.client, (cellId, unsent) => this.#drafts.keep(cellId, unsent));
    this.#store = store;
    this.#drafts = new Drafts({
      client: this.client,
      // As much of a cell as drafts need.
      cells: { find: (cellId) => this.editors.get(cellId) as unknown as CellElement | undefined, goTo: () => {} },
      toasts: { show: () => {}, error: (error) => this.#failed(error) },
      dialog: { show: () => {} },
      store,
      lives,
    });
    this.#show();
    this.client.connect();
  }

  // Lifecycle

  /** It is gone from one moment to the next, and tells nobody. */
  crash(): void {
    clearTimeout(this.#frame);
    for (const editor of [...this.editors.values()]) this.#close(editor);
    this.client.disconnect();
  }

  // What it is like

  get notebook(): Notebook {
    return this.client.state.notebook;
  }

  /** What is not as it should be when all is quiet: the server is at `seq`, and so many others are here. */
  missing(seq: number, others: number): string[] {
    const drafts = this.#store.pageIds().flatMap((pageId) => this.#store.of(pageId));
    const left = drafts.filter(({ cell_id }) => findCell(this.notebook, cell_id));
    const unsent = [...this.editors.values()].filter((editor) => editor.collaboration.hasUnsent);
    return [
      ...(this.client.isConnected ? [] : ["no connection"]),
      ...(this.notebook.seq === seq ? [] : [`at seq ${this.notebook.seq}, not ${seq}`]),
      ...(this.#frame === undefined ? [] : ["about to be drawn"]),
      ...left.map((draft) => `a draft is left: ${JSON.stringify(draft)}`),
      ...unsent.map(({ cellId }) => `text in ${cellId} is not sent`),
      ...(this.others.length === others ? [] : [`knows of ${this.others.length} others, not ${others}`]),
    ];
  }

  /** `[client id, cell id]` of the others, as far as this page knows. */
  get others(): [string, string | null][] {
    return [...withoutSilent(this.#present, Date.now()).values()].map(({ client_id, cell_id }) => [client_id, cell_id]);
  }

  // The client's observer

  changed(): void {
    this.#frame ??= setTimeout(() => this.#show(), FRAME_MS);
  }

  assistant(): void {}

  edited({ cell_id, version, updates }: CellUpdated): void {
    this.editors.get(cell_id)?.collaboration.receive(version, updates);
  }

  present(message: PresenceMessage): void {
    this.#present = hear(this.#present, message, (clientId) => this.client.isOwn(clientId), Date.now());
  }
  widgets(): void {}
  preferences(): void {}

  filesChanged(): void {}
  queryProgress(): void {}

  opened(): void {
    for (const { collaboration } of this.editors.values()) collaboration.flush().catch((error) => this.#failed(error));
    this.client.tellWhereabouts(this.whereabouts);
    this.#drafts.opened();
  }

  statusChanged(): void {}

  deleted(): void {
    this.errors.push("The notebook was deleted.");
  }

  // Private

  #show(): void {
    this.#frame = undefined;
    for (const editor of [...this.editors.values()]) {
      if (findCell(this.notebook, editor.cellId)) continue;
      if (editor.collaboration.hasUnsent) this.#drafts.lost(editor.cellId);
      this.#close(editor);
    }
    for (const cell of this.notebook.cells) {
      const editor = this.editors.get(cell.id);
      if (editor) editor.collaboration.receive(cell.version, []);
      else this.#open(cell.id);
    }
    this.#drafts.cellsShown();
  }

  #open(cellId: string): void {
    const cell = findCell(this.notebook, cellId);
    if (!cell) return;
    const { push, pull, isOwn, keep } = this.#services;
    this.editors.set(
      cellId,
      new TabEditor(
        cell,
        { push: (version, updates) => push(cellId, version, updates), pull: (since) => pull(cellId, since), isOwn },
        { keep: (unsent) => keep(cellId, unsent), failed: (error) => this.#failed(error) },
      ),
    );
  }

  #close(editor: TabEditor): void {
    editor.collaboration.stop();
    this.editors.delete(editor.cellId);
    this.closed.push(editor);
  }

  /** A lost connection, a cell that is gone and a stale version are part of the game. */
  #failed(error: unknown): void {
    const isFair = error instanceof CommandError && ["not_found", "conflict"].includes(error.code);
    const isBug = error instanceof Refused || error instanceof TypeError || error instanceof CommandError;
    if (isBug && !isFair) this.errors.push(String(error));
  }
}
