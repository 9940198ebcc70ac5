// What was heard of widget models and may not be in the server's rows yet. The rows are up to 0.3 s behind the frames,
// on a busy server more; what is asked for meanwhile would take back what people see already. So it is laid over.

import type { WidgetBuffer, WidgetItem, WidgetModel } from "./messages";
import { withUpdate } from "./state";

export type WidgetModelsById = Readonly<Record<string, WidgetModel>>;

interface HeardField {
  readonly at: number;
  readonly value: unknown;
  readonly buffers: readonly WidgetBuffer[];
}

export class Unstored {
  /** Counts what was heard. */
  #now = 0;
  /** All that was heard up to then is in rows. */
  #storedAt = 0;
  #goneAt = 0;
  #fields = new Map<string, Map<string, HeardField>>();
  #closed = new Map<string, number>();
  #asking = 0;

  // Actions

  heard(item: WidgetItem): void {
    this.#now++;
    switch (item.kind) {
      case "opened":
        this.#closed.delete(item.comm_id);
        this.#fields.delete(item.comm_id);
        return this.#note(item.comm_id, item.model.state, item.model.buffers);
      case "updated":
        return this.#note(item.comm_id, item.state, item.buffers);
      case "closed":
        this.#fields.delete(item.comm_id);
        this.#closed.set(item.comm_id, this.#now);
        return;
      case "gone":
        this.#goneAt = this.#now;
    }
  }

  /** The rows have all that was heard so far. */
  allStored(): void {
    this.#storedAt = this.#now;
    this.#forget();
  }

  /** What `ask` gets from the rows, with what was heard laid over it: it is never older than what was shown. */
  async over(ask: () => Promise<WidgetModelsById>): Promise<WidgetModelsById> {
    const [storedAt, askedAt] = [this.#storedAt, this.#now];
    this.#asking++;
    try {
      const found = Object.entries(await ask()).filter(([id]) => (this.#closed.get(id) ?? 0) <= storedAt);
      return Object.fromEntries(found.map(([id, model]) => [id, this.#laidOver(id, model, storedAt, askedAt)]));
    } finally {
      this.#asking--;
      this.#forget();
    }
  }

  // Private

  #note(commId: string, state: object, buffers: readonly WidgetBuffer[]): void {
    const fields = this.#fields.get(commId) ?? new Map<string, HeardField>();
    this.#fields.set(commId, fields);
    for (const [name, value] of Object.entries(state)) {
      fields.set(name, { at: this.#now, value, buffers: buffers.filter(({ path }) => String(path[0]) === name) });
    }
  }

  #laidOver(commId: string, found: WidgetModel, storedAt: number, askedAt: number): WidgetModel {
    let model = this.#goneAt > askedAt ? { ...found, is_alive: false } : found;
    for (const [name, { at, value, buffers }] of this.#fields.get(commId) ?? []) {
      if (at > storedAt) model = withUpdate(model, { [name]: value }, buffers);
    }
    return model;
  }

  /** What is in rows, unless somebody waits for an answer that may be older. */
  #forget(): void {
    if (this.#asking > 0) return;
    for (const [id, fields] of this.#fields) {
      for (const [name, { at }] of fields) if (at <= this.#storedAt) fields.delete(name);
      if (fields.size === 0) this.#fields.delete(id);
    }
    for (const [id, at] of this.#closed) if (at <= this.#storedAt) this.#closed.delete(id);
  }
}
