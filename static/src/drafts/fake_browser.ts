// For tests: storage and locks as browsers have them.

/** `room`: how many characters it takes. */
export class FakeStorage implements Storage {
  room = Infinity;
  #items = new Map<string, string>();
  [name: string]: unknown;

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }
}

interface Waiting {
  readonly page: number;
  readonly work: () => Promise<unknown>;
}

/** The locks of one browser, whose pages die when the test says so. */
export class FakeLocks {
  #queues = new Map<string, Waiting[]>();
  #pages = 0;

  /** As one page sees them. */
  ofPage(): LockManager {
    const page = this.#pages++;
    const request = (name: string, work: () => Promise<unknown>): Promise<void> => this.#request(name, { page, work });
    return { request } as unknown as LockManager;
  }

  /** The page with this number, from 0, is no more: its locks are free, and it waits for none. */
  kill(page: number): void {
    for (const [name, queue] of this.#queues) {
      const [holder] = queue;
      this.#queues.set(name, queue.filter((each) => each.page !== page));
      if (holder?.page === page) this.#grant(name);
    }
  }

  settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async #request(name: string, waiting: Waiting): Promise<void> {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, [...queue, waiting]);
    if (queue.length === 0) this.#grant(name);
  }

  #grant(name: string): void {
    const holder = this.#queues.get(name)?.[0];
    void holder?.work().then(() => {
      const queue = this.#queues.get(name) ?? [];
      if (queue[0] !== holder) return;
      this.#queues.set(name, queue.slice(1));
      this.#grant(name);
    });
  }
}
