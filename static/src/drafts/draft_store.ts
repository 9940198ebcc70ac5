// Where unsent text waits for the case that its page dies: in the browser's local storage, one item for each page and
// cell. Writing is synchronous, so that what is on the screen is there too, whatever happens next.

import type { Leftover } from "../editor/unsent";

export interface Draft extends Leftover {
  readonly saved_at: string;
}

export interface StoredDraft {
  readonly page_id: string;
  readonly cell_id: string;
  readonly draft: Draft;
  /** The item as it was read. */
  readonly text: string;
}

export class DraftStore {
  #storage: Storage;
  #prefix: string;

  /** For one person's drafts of one notebook: others who use this browser have their own. */
  constructor(storage: Storage, userId: string, notebookId: string) {
    this.#storage = storage;
    this.#prefix = `tandem.draft.${userId}.${notebookId}.`;
  }

  /** Whether it could be stored. If not, there is no older one either: that could not be told from what was sent since. */
  put(pageId: string, cellId: string, draft: Draft): boolean {
    const key = this.#key(pageId, cellId);
    try {
      this.#storage.setItem(key, JSON.stringify(draft));
      return true;
    } catch {
      // The storage is full.
      this.#storage.removeItem(key);
      return false;
    }
  }

  remove(pageId: string, cellId: string): void {
    this.#storage.removeItem(this.#key(pageId, cellId));
  }

  /** Remove it, unless it was replaced since it was read. */
  discard({ page_id, cell_id, text }: StoredDraft): void {
    if (this.#storage.getItem(this.#key(page_id, cell_id)) === text) this.remove(page_id, cell_id);
  }

  /** From one page to another. */
  move(cellId: string, fromPageId: string, toPageId: string): void {
    const text = this.#storage.getItem(this.#key(fromPageId, cellId));
    if (text === null) return;
    this.remove(fromPageId, cellId);
    this.#storage.setItem(this.#key(toPageId, cellId), text);
  }

  /** The pages that have drafts. */
  pageIds(): string[] {
    return [...new Set(this.#names().map(([pageId]) => pageId))];
  }

  of(pageId: string): StoredDraft[] {
    const cellIds = this.#names().flatMap(([page, cellId]) => (page === pageId ? [cellId] : []));
    return cellIds.flatMap((cellId) => this.#read(pageId, cellId) ?? []);
  }

  // Private

  #key(pageId: string, cellId: string): string {
    return `${this.#prefix}${pageId}.${cellId}`;
  }

  /** `[page id, cell id]` of each draft. */
  #names(): [string, string][] {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? "");
    return keys
      .filter((key) => key.startsWith(this.#prefix))
      .map((key) => key.slice(this.#prefix.length).split(".") as [string, string]);
  }

  #read(pageId: string, cellId: string): StoredDraft | null {
    const text = this.#storage.getItem(this.#key(pageId, cellId));
    if (text === null) return null;
    try {
      return { page_id: pageId, cell_id: cellId, draft: JSON.parse(text) as Draft, text };
    } catch {
      // Not ours: it must not keep the others from coming back.
      return null;
    }
  }
}
