// The widget models of the notebook, as the server tells of them, and the frames that show some. A frame gets the models
// that its view refers to and those that these are linked to, and then what becomes of them; what is done in it is sent
// for those alone.

import type { WidgetLink } from "./link";
import type { CommMessage, ToFrame, WidgetItem, WidgetModel, WidgetsMessage } from "./messages";
import { linkedBy, problemOf, referencesIn, withUpdate } from "./state";
import { UnhandledMessages } from "./unhandled";
import { Unstored, type WidgetModelsById } from "./unstored";

export interface WidgetServer {
  readonly mayUse: boolean;
  fetch(commIds: readonly string[]): Promise<WidgetModelsById>;
  /** `isAgain`: it was sent before and may have arrived. */
  send(message: CommMessage, cellId: string, isAgain: boolean): Promise<unknown>;
}

interface Attached {
  readonly link: WidgetLink;
  /** What the frame was told of. */
  readonly known: Set<string>;
  /** What it is told next waits for what it is told now. */
  telling: Promise<void>;
}

// The server writes rows at most 0.3 s behind its frames.
const WRITTEN_BY_MS = 400;

const GONE = "The kernel that made this widget is gone. Run the cell again to use it.";
const ONLY_LOOK = "You can look at this widget. Those who may edit the notebook can use it.";

export class WidgetModels {
  #server: WidgetServer;
  #models = new Map<string, WidgetModel>();
  #attached = new Set<Attached>();
  #number: number | null = null;
  #unstored = new Unstored();
  #unhandled: UnhandledMessages;
  #fetchesWhenStored = false;
  #refetch: ReturnType<typeof setTimeout> | undefined;

  constructor(server: WidgetServer) {
    this.#server = server;
    this.#unhandled = new UnhandledMessages({
      isWanted: ({ comm_id }) => this.#models.get(comm_id)?.is_alive ?? false,
      send: (message, cellId, isAgain) => server.send(message, cellId, isAgain),
      taken: (message) => this.#showNoteOf(message, ""),
      delayed: (message, note) => this.#showNoteOf(message, note),
      dropped: (message, note) => this.#drop(message, note),
    });
  }

  // Actions

  /** Show the widget of the link, which its frame waits for. */
  attach(link: WidgetLink, cellId: string): void {
    this.#prune();
    for (const each of this.#attached) if (each.link === link) this.#attached.delete(each);
    const attached: Attached = { link, known: new Set(), telling: Promise.resolve() };
    this.#attached.add(attached);
    link.used = (message) => this.#use(attached, message, cellId);
    this.#next(attached, () => this.#begin(attached));
  }

  heard({ number, items }: WidgetsMessage): void {
    const isStored = number !== 0 && items.length === 0;
    const isMissing = number !== 0 && this.#count(number, items.length);
    if (isStored) this.#unstored.allStored();
    if (isMissing) this.#fetchSoon();
    this.#prune();
    for (const item of items) {
      this.#unstored.heard(item);
      this.#take(item);
    }
    if (!isStored || !this.#fetchesWhenStored) return;
    this.#fetchesWhenStored = false;
    void this.#fetchAgain();
  }

  /** The connection is there again: something may have been missed. */
  reconnected(): void {
    this.#number = null;
    this.#unstored.allStored();
    this.#fetchSoon();
    this.#unhandled.sendAgain();
  }

  // Private

  /** Whether frames are missing before this one. */
  #count(number: number, items: number): boolean {
    const expected = this.#number === null ? null : this.#number + Math.min(items, 1);
    const isMissing = number !== expected && (this.#number !== null || this.#attached.size > 0);
    this.#number = number;
    return isMissing;
  }

  #take(item: WidgetItem): void {
    switch (item.kind) {
      case "opened":
        this.#models.set(item.comm_id, item.model);
        this.#tellAll(item, item.comm_id);
        return this.#introduceLink(item.comm_id, item.model);
      case "updated": {
        const model = this.#models.get(item.comm_id);
        if (!model) return;
        this.#models.set(item.comm_id, withUpdate(model, item.state, item.buffers));
        return this.#tellAll(item, item.comm_id);
      }
      case "said":
        return this.#tellAll(item, item.comm_id);
      case "closed":
        this.#models.delete(item.comm_id);
        return this.#tellAll(item, item.comm_id);
      case "handled":
        if (this.#unhandled.handled(item.message_ids)) this.#fetchSoon();
        return this.#tellAll(item);
      case "gone":
        for (const [id, model] of this.#models) this.#models.set(id, { ...model, is_alive: false });
        this.#unhandled.dropUnwanted();
        for (const attached of this.#attached) this.#next(attached, () => this.#showAccess(attached));
    }
  }

  /** To the frames that know the model; of what it refers to now, they hear first. */
  #tellAll(item: WidgetItem, commId?: string): void {
    const needs = item.kind === "updated" ? referencesIn(item.state) : [];
    for (const attached of this.#attached) {
      this.#next(attached, async () => {
        if (commId !== undefined && !attached.known.has(commId)) return;
        await this.#introduce(attached, needs);
        post(attached, { type: "widgets", items: [item] });
      });
    }
  }

  async #begin(attached: Attached): Promise<void> {
    const { link } = attached;
    await this.#introduce(attached, [link.modelId]);
    const problem = problemOf(this.#models.get(link.modelId));
    if (problem) {
      this.#attached.delete(attached);
      return link.giveUp(problem);
    }
    this.#showAccess(attached);
  }

  /** To the frames that know one of its ends. */
  #introduceLink(commId: string, model: WidgetModel): void {
    const ends = linkedBy(model);
    if (ends.length === 0) return;
    for (const attached of this.#attached) {
      this.#next(attached, async () => {
        if (ends.some((id) => attached.known.has(id))) await this.#introduce(attached, [commId]);
      });
    }
  }

  /** Tell the frame of these models, all that they refer to and what links them, as far as it does not know them. */
  async #introduce(attached: Attached, commIds: readonly string[]): Promise<void> {
    const wanted = new Set(commIds.filter((id) => !attached.known.has(id)));
    if (wanted.size === 0) return;
    await this.#fetchMissing(wanted);
    const items: WidgetItem[] = [];
    for (const comm_id of wanted) {
      const model = this.#models.get(comm_id);
      if (!model || attached.known.has(comm_id)) continue;
      attached.known.add(comm_id);
      items.push({ kind: "opened", comm_id, model });
      // A set that grows is gone through to its end.
      for (const id of referencesIn(model.state)) wanted.add(id);
      for (const [id, link] of this.#models) if (linkedBy(link).includes(comm_id)) wanted.add(id);
    }
    if (items.length > 0) post(attached, { type: "widgets", items });
  }

  /** Ask the server for those of these models, and of what they refer to, that are not here. */
  async #fetchMissing(commIds: Iterable<string>): Promise<void> {
    const missing = this.#missing(commIds);
    if (missing.length === 0) return;
    const found = await this.#unstored.over(() => this.#server.fetch(missing));
    for (const [id, model] of Object.entries(found)) if (!this.#models.has(id)) this.#models.set(id, model);
  }

  #missing(commIds: Iterable<string>): string[] {
    const seen = new Set(commIds);
    for (const id of seen) for (const each of referencesIn(this.#models.get(id)?.state)) seen.add(each);
    return [...seen].filter((id) => !this.#models.has(id));
  }

  /** Once the server has written what it tells of; if it tells nothing, in a moment. */
  #fetchSoon(): void {
    this.#fetchesWhenStored = true;
    clearTimeout(this.#refetch);
    this.#refetch = setTimeout(() => void this.#fetchAgain(), WRITTEN_BY_MS);
  }

  /** Something was missed: all that is shown, as the server has it. */
  async #fetchAgain(): Promise<void> {
    clearTimeout(this.#refetch);
    this.#prune();
    const shown = [...this.#attached].map(({ link }) => link.modelId);
    if (shown.length === 0) return;
    let found: WidgetModelsById;
    try {
      found = await this.#unstored.over(() => this.#server.fetch(shown));
    } catch {
      return; // without a connection; it is asked again with the next one
    }
    for (const [comm_id, model] of Object.entries(found)) this.#take({ kind: "opened", comm_id, model });
    for (const attached of this.#attached) this.#next(attached, () => this.#showAccess(attached));
  }

  #showAccess({ link }: Attached): void {
    const isAlive = this.#models.get(link.modelId)?.is_alive ?? false;
    link.post({ type: "widget_access", may_use: isAlive && this.#server.mayUse });
    link.showNote(isAlive ? (this.#server.mayUse ? "" : ONLY_LOOK) : GONE);
  }

  #use(attached: Attached, message: CommMessage, cellId: string): void {
    const model = this.#models.get(message.comm_id);
    // A frame can send anything: it is heard for the live models that it shows, and nothing else.
    const mayUse = this.#server.mayUse && model?.is_alive && attached.known.has(message.comm_id);
    if (mayUse) this.#unhandled.send(message, cellId);
    // Its model sends nothing more before that.
    else post(attached, { type: "widgets", items: [handled(message)] });
  }

  #drop(message: CommMessage, note: string): void {
    if (note) this.#showNoteOf(message, note);
    this.#tellAll(handled(message));
  }

  /** Under the widgets that show the model; without a note, what else there is to say. */
  #showNoteOf({ comm_id }: CommMessage, note: string): void {
    for (const attached of this.#attached) {
      if (!attached.known.has(comm_id)) continue;
      if (note) attached.link.showNote(note);
      else this.#showAccess(attached);
    }
  }

  #next(attached: Attached, step: () => void | Promise<void>): void {
    attached.telling = attached.telling.then(step).catch((error: unknown) => {
      attached.link.showNote(error instanceof Error ? error.message : String(error));
    });
  }

  #prune(): void {
    for (const attached of this.#attached) if (!attached.link.isConnected) this.#attached.delete(attached);
  }
}

function post({ link }: Attached, message: ToFrame): void {
  link.post(message);
}

function handled({ message_id }: CommMessage): WidgetItem {
  return { kind: "handled", message_ids: [message_id] };
}
