// Which pages are dead, so that what they left may be taken over. A page has a random id for as long as it is loaded.
//
// It holds a Web Lock by that id; the browser lets go of it when the page ends, however it ends. Whoever gets the lock
// knows that the page is dead and is alone with what it left. Where there are no Web Locks (plain HTTP from another
// machine), a tab only knows of itself: the pages it had before this one are dead.

import { newId } from "../ids";

export interface PageLives {
  /** This page's. */
  readonly pageId: string;
  /** Do the work once that page is dead, and nobody else is at it. It may never be. */
  whenDead(pageId: string, work: () => Promise<void>): void;
  /** An id that stands for a dead page. */
  deadId(): string;
}

export function pageLives(): PageLives {
  // The types say that it is always there.
  const locks = navigator.locks as LockManager | undefined;
  return locks ? new LockedLives(locks) : new RememberedLives(sessionStorage);
}

export class LockedLives implements PageLives {
  readonly pageId = newId();
  #locks: LockManager;

  constructor(locks: LockManager) {
    this.#locks = locks;
    void locks.request(lockName(this.pageId), () => new Promise(() => {}));
  }

  whenDead(pageId: string, work: () => Promise<void>): void {
    void this.#locks.request(lockName(pageId), work);
  }

  deadId(): string {
    return newId();
  }
}

function lockName(pageId: string): string {
  return `tandem.page.${pageId}`;
}

// A tab that is reloaded for days needs no more.
const MOST_REMEMBERED = 50;

export class RememberedLives implements PageLives {
  readonly pageId = newId();
  #storage: Storage;
  #dead: string[];
  /** What is done with the drafts of dead pages, one after the other. */
  #work = Promise.resolve();

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#dead = JSON.parse(storage.getItem("tandem.pages") ?? "[]") as string[];
    this.#remember(this.pageId);
  }

  whenDead(pageId: string, work: () => Promise<void>): void {
    if (this.#dead.includes(pageId)) this.#work = this.#work.then(work, work);
  }

  deadId(): string {
    const id = newId();
    this.#dead.push(id);
    this.#remember(id);
    return id;
  }

  // Private

  /** For the next page of this tab. */
  #remember(pageId: string): void {
    const before = JSON.parse(this.#storage.getItem("tandem.pages") ?? "[]") as string[];
    this.#storage.setItem("tandem.pages", JSON.stringify([...before, pageId].slice(-MOST_REMEMBERED)));
  }
}
