// Nothing that was typed is lost with its page: what the server does not have is stored at every change, and the next
// page that finds it types it again, into the same cell and merged with what others wrote since.
//
// A draft is moved, never copied: only one page has it, and it is removed in the same breath in which the text is in an
// editor, whose own drafts it then belongs to. What the server had accepted without our hearing of it is recognised.
//
// If the cell is gone its draft waits until the cell is brought back. If the text cannot be put back at all, it is shown
// to copy, and stays stored until somebody throws it away.

import type { CellElement } from "../cells/cell";
import type { CellList } from "../cells/cell_list";
import { Closed, Unfit } from "../editor/remote";
import type { Unsent } from "../editor/unsent";
import type { Toasts } from "../panels/toasts";
import type { NotebookClient } from "../protocol/client";
import { CommandError, ConnectionLost } from "../protocol/socket";
import { findCell } from "../protocol/state";
import type { DraftDialog } from "./draft_dialog";
import type { DraftStore, StoredDraft } from "./draft_store";
import type { PageLives } from "./page_lives";
import { typedText } from "./typed_text";

export interface DraftSurroundings {
  readonly client: Pick<NotebookClient, "state" | "ownIds" | "send">;
  readonly cells: Pick<CellList, "find" | "goTo">;
  readonly toasts: Pick<Toasts, "show" | "error">;
  readonly dialog: Pick<DraftDialog, "show">;
  readonly store: DraftStore;
  readonly lives: PageLives;
}

const FULL =
  "This browser has no room left to keep what you type. Leave this tab open until you are online and all is sent.";

export class Drafts {
  #around: DraftSurroundings;
  /** The cells with text that the server does not have. */
  #unsent = new Set<string>();
  /** Pages whose drafts we wait for. */
  #asked = new Set<string>();
  /** Cells that have drafts and are not in the notebook. */
  #gone = new Set<string>();
  /** A cell with a draft came or went, and the page does not show it yet. */
  #isBehind = false;
  /** Drafts that were offered to copy, once for each page is enough. */
  #offered = new Set<string>();
  #isFull = false;

  constructor(around: DraftSurroundings) {
    this.#around = around;
  }

  // Actions

  get unsentCells(): number {
    return this.#unsent.size;
  }

  /** From the cells' editors, at every change of what is unsent. */
  keep(cellId: string, unsent: Unsent | null): void {
    const { store, lives, client } = this.#around;
    if (!unsent) {
      this.#unsent.delete(cellId);
      return store.remove(lives.pageId, cellId);
    }
    this.#unsent.add(cellId);
    const draft = { ...unsent, client_ids: client.ownIds, saved_at: new Date().toISOString() };
    if (!store.put(lives.pageId, cellId, draft)) this.#tellOfFullStorage();
  }

  /** Somebody deleted the cell under our hands. Its draft is now one like those of dead pages. */
  lost(cellId: string): void {
    const { store, lives } = this.#around;
    this.#unsent.delete(cellId);
    this.#gone.add(cellId);
    store.move(cellId, lives.pageId, lives.deadId());
  }

  /** There is a connection: take over what dead pages left. */
  opened(): void {
    const { store, lives } = this.#around;
    this.#isBehind = false;
    for (const pageId of store.pageIds()) {
      if (pageId === lives.pageId || this.#asked.has(pageId)) continue;
      this.#asked.add(pageId);
      lives.whenDead(pageId, () => this.#takeOver(pageId));
    }
  }

  /** Cells came or went. */
  cellsShown(): void {
    const back = [...this.#gone].filter((cellId) => this.#around.cells.find(cellId));
    for (const cellId of back) this.#gone.delete(cellId);
    if (back.length > 0 || this.#isBehind) this.opened();
  }

  // Private

  async #takeOver(pageId: string): Promise<void> {
    // What the page shows from now on may be too late for this round: it is worth another.
    this.#asked.delete(pageId);
    const recovered: string[] = [];
    for (const stored of this.#around.store.of(pageId)) {
      if (await this.#recover(stored)) recovered.push(stored.cell_id);
    }
    const [first] = recovered;
    if (first === undefined) return;
    const where = recovered.length === 1 ? "" : `, in ${recovered.length} cells`;
    const text = `What you typed before the page was closed is back${where}.`;
    const action = { label: "Show", run: () => this.#around.cells.goTo(first, "cell") };
    this.#around.toasts.show({ tone: "info", text, action });
  }

  /** Whether text came back with it. */
  async #recover(stored: StoredDraft): Promise<boolean> {
    const { client, cells, store, toasts } = this.#around;
    if (client.state.role === "viewer") return this.#offerText(stored, "You may only view this notebook now.");
    const cell = cells.find(stored.cell_id);
    if (!cell) return this.#offerCell(stored);
    try {
      const wasNew = await cell.adopt(stored.draft);
      store.discard(stored);
      return wasNew;
    } catch (error) {
      if (error instanceof Unfit) return this.#offerText(stored, "The cell was changed too much to put it back.");
      if (isOfDeletedCell(error)) return this.#lookAgain(stored, cell);
      // The next connection brings another try.
      if (!(error instanceof ConnectionLost)) toasts.error(error);
      return false;
    }
  }

  /** The cell was deleted before it had the draft, and may be back. */
  async #lookAgain(stored: StoredDraft, before: CellElement): Promise<boolean> {
    if (this.#around.cells.find(stored.cell_id) !== before) return this.#recover(stored);
    this.#isBehind = true;
    return false;
  }

  #offerCell(stored: StoredDraft): false {
    const { client, toasts } = this.#around;
    if (findCell(client.state.notebook, stored.cell_id)) {
      this.#isBehind = true;
      return false;
    }
    if (this.#gone.has(stored.cell_id)) return false;
    this.#gone.add(stored.cell_id);
    const action = { label: "Bring it back", run: () => void this.#bringBack(stored) };
    toasts.show({ tone: "error", text: "A cell you had typed in was deleted.", action });
    return false;
  }

  async #bringBack(stored: StoredDraft): Promise<void> {
    const { client, cells, toasts } = this.#around;
    try {
      await client.send("cell_restore", { cell_id: stored.cell_id });
      cells.goTo(stored.cell_id, "cell");
    } catch (error) {
      this.#gone.delete(stored.cell_id);
      toasts.error(error);
      if (error instanceof CommandError) void this.#offerText(stored, "The cell cannot be brought back.");
    }
  }

  async #offerText(stored: StoredDraft, reason: string): Promise<false> {
    const { dialog, store, toasts } = this.#around;
    if (this.#offered.has(stored.text)) return false;
    this.#offered.add(stored.text);
    const text = typedText(await this.#sourceOf(stored), stored.draft.updates);
    const show = (): void => dialog.show({ reason, text, saved_at: stored.draft.saved_at }, () => store.discard(stored));
    const action = { label: "Show it", run: show };
    toasts.show({ tone: "error", text: `What you typed before the page was closed was not saved. ${reason}`, action });
    return false;
  }

  /** The text that it was typed into. */
  async #sourceOf({ cell_id, draft }: StoredDraft): Promise<string | null> {
    try {
      const { source } = await this.#around.client.send("cell_version", { cell_id, version: draft.version });
      return source;
    } catch {
      // What was typed is worth showing without it.
      return null;
    }
  }

  #tellOfFullStorage(): void {
    if (!this.#isFull) this.#around.toasts.show({ tone: "error", text: FULL });
    this.#isFull = true;
  }
}

function isOfDeletedCell(error: unknown): boolean {
  return error instanceof Closed || (error instanceof CommandError && error.code === "not_found");
}
