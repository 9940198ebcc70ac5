// A tab of a browser, and the pages that were loaded in it one after the other.

import { DraftStore } from "../../../static/src/drafts/draft_store";
import { FakeLocks, FakeStorage } from "../../../static/src/drafts/fake_browser";
import { LockedLives } from "../../../static/src/drafts/page_lives";
import type { Notebook } from "../../../static/src/protocol/types";
import { Page } from "./page";

export class Tab {
  readonly pages: Page[] = [];
  #number: number;
  #storage = new FakeStorage();
  #locks = new FakeLocks();

  constructor(number: number, notebook: Notebook) {
    this.#number = number;
    this.load(notebook);
  }

  get page(): Page {
    return this.pages.at(-1) as Page;
  }

  /** The page crashes, if there is one, and is loaded again. */
  load(notebook: Notebook): void {
    if (this.pages.length > 0) {
      this.page.crash();
      this.#locks.kill(this.pages.length - 1);
      // What was on its way in the dead page still ends there; nobody may see it.
      this.#storage = copyOf(this.#storage);
    }
    const store = new DraftStore(this.#storage, "person", notebook.id);
    const lives = new LockedLives(this.#locks.ofPage());
    const url = `ws://tab-${this.#number}/ws/notebooks/${notebook.id}/`;
    this.pages.push(new Page(url, notebook, { store, lives }));
  }
}

function copyOf(storage: Storage): FakeStorage {
  const copy = new FakeStorage();
  for (let index = 0; index < storage.length; index++) {
    const key = storage.key(index) ?? "";
    copy.setItem(key, storage.getItem(key) ?? "");
  }
  return copy;
}
