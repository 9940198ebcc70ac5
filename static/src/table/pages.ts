// The rows of a table that are here, and getting those that are in view: one request at a time, for what is wanted last.

import { messageOf } from "../message_of";
import { CommandError } from "../protocol/socket";
import type { Row, TableContent } from "./content";
import type { Page } from "./questions";
import { isWhole, type View, WHOLE } from "./view";

export interface KnownRow {
  readonly cells: Row;
  /** In the whole table. */
  readonly number: number;
}

/** `waiting`: the kernel is busy or there is no connection, and it is tried again. `gone`: there are no more rows. */
export type PagesState = "ready" | "loading" | "waiting" | "gone" | "refused";

export interface PagesObserver {
  changed(): void;
}

// Of a request, around what is in view.
const PAGE_ROWS = 200;
const MARGIN_ROWS = 50;
// Rows that are kept; beyond, those go that are not near what is in view.
const MAX_ROWS = 4000;
const RETRY_MS = [300, 600, 1200, 2500, 5000];

export class Pages {
  state: PagesState = "ready";
  /** What the server said of it. */
  message = "";
  rowCount: number;
  /** Nothing is tried again while nobody looks. */
  isSeen = true;
  #view: View = WHOLE;
  /** The view that the rows are of. */
  #shownView: View = WHOLE;
  #rows = new Map<number, KnownRow>();
  #content: TableContent;
  #load: (view: View, offset: number, limit: number) => Promise<Page>;
  #observer: PagesObserver;
  #wanted: readonly [number, number] = [0, 0];
  #isLoading = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(
    content: TableContent,
    load: (view: View, offset: number, limit: number) => Promise<Page>,
    observer: PagesObserver,
  ) {
    this.#content = content;
    this.#load = load;
    this.#observer = observer;
    this.rowCount = content.row_count;
    this.#takeFirst();
  }

  // Actions

  get view(): View {
    return this.#view;
  }

  row(place: number): KnownRow | undefined {
    return this.#rows.get(place);
  }

  /** Show the rows so. What was shown stays until they are here. */
  show(view: View): void {
    this.#view = view;
    this.#failures = 0;
    this.#stopWaiting();
    if (this.state === "gone") return this.#end();
    if (isWhole(view)) {
      this.#shownView = view;
      this.#rows.clear();
      this.rowCount = this.#content.row_count;
      this.#takeFirst();
      this.state = "ready";
      this.#observer.changed();
    }
    this.#wanted = [0, Math.min(PAGE_ROWS, Math.max(1, this.rowCount))];
    void this.#fetch(!isWhole(view));
  }

  /** These are in view, the last one not included. */
  want(first: number, end: number): void {
    this.#wanted = [first, end];
    if (this.#timer === undefined) void this.#fetch(this.#view !== this.#shownView);
  }

  /** All of these, however many requests it takes. Rejects if they cannot be had. */
  async rows(first: number, end: number): Promise<KnownRow[]> {
    const found: KnownRow[] = [];
    while (first + found.length < end) {
      const known = this.#rows.get(first + found.length);
      if (known) {
        found.push(known);
        continue;
      }
      const offset = first + found.length;
      const page = await this.#load(this.#view, offset, Math.min(500, end - offset));
      if (page.rows.length === 0) break;
      found.push(...knownRows(page));
    }
    return found.slice(0, end - first);
  }

  /** Somebody looks again: do not sit out a long wait. */
  retry(): void {
    if (this.state !== "waiting") return;
    this.#stopWaiting();
    void this.#fetch(this.#view !== this.#shownView);
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWaiting();
  }

  // Private

  #takeFirst(): void {
    this.#content.rows.forEach((cells, number) => this.#rows.set(number, { cells, number }));
  }

  async #fetch(isNewView: boolean): Promise<void> {
    if (this.#isLoading || this.#isStopped || this.state === "gone") return;
    const offset = isNewView ? 0 : this.#firstMissing();
    if (offset === null) return;
    const view = this.#view;
    this.#isLoading = true;
    this.#tell(this.state === "waiting" ? "waiting" : "loading");
    let isStale = false;
    try {
      const page = await this.#load(view, offset, PAGE_ROWS);
      isStale = view !== this.#view;
      if (!isStale) this.#take(page, offset, isNewView);
    } catch (error) {
      isStale = view !== this.#view;
      if (!isStale) this.#failed(error, isNewView);
    } finally {
      this.#isLoading = false;
    }
    if (isStale) void this.#fetch(!isWhole(this.#view));
    else if (this.state === "ready") this.want(...this.#wanted);
  }

  #take(page: Page, offset: number, isNewView: boolean): void {
    if (isNewView) this.#rows.clear();
    this.#shownView = this.#view;
    knownRows(page).forEach((row, index) => this.#rows.set(offset + index, row));
    this.rowCount = page.row_count;
    this.#failures = 0;
    this.#letGo();
    // A kernel that gives no rows where there should be some will not give them later.
    if (page.rows.length === 0 && offset < page.row_count) this.rowCount = offset;
    this.#tell("ready");
  }

  #failed(error: unknown, isNewView: boolean): void {
    if (this.#isStopped) return;
    this.message = messageOf(error);
    const code = error instanceof CommandError ? error.code : "unavailable";
    if (code === "not_found" || code === "forbidden") return this.#end();
    if (code !== "unavailable" && code !== "too_many_requests") {
      this.#view = this.#shownView;
      return this.#tell("refused");
    }
    const delay = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.isSeen) void this.#fetch(isNewView);
    }, delay);
    this.#tell("waiting");
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** What came with the output is all there is. */
  #end(): void {
    this.#view = this.#shownView = WHOLE;
    this.#rows.clear();
    this.#takeFirst();
    this.rowCount = this.#content.rows.length;
    this.#tell("gone");
  }

  #tell(state: PagesState): void {
    this.state = state;
    this.#observer.changed();
  }

  /** Where the next request begins; null if everything in view is here. */
  #firstMissing(): number | null {
    const [first, end] = this.#wanted;
    for (let place = Math.max(0, first); place < Math.min(end, this.rowCount); place++) {
      if (!this.#rows.has(place)) return this.#begins(place);
    }
    return null;
  }

  /** Some rows before it too, for who scrolls upwards. */
  #begins(place: number): number {
    let offset = place;
    while (offset > 0 && place - offset < MARGIN_ROWS && !this.#rows.has(offset - 1)) offset--;
    return offset;
  }

  #letGo(): void {
    if (this.#rows.size <= MAX_ROWS) return;
    const [first, end] = this.#wanted;
    for (const place of this.#rows.keys()) {
      if (place < first - MAX_ROWS / 4 || place > end + MAX_ROWS / 4) this.#rows.delete(place);
    }
  }
}

function knownRows({ rows, numbers }: Page): KnownRow[] {
  return rows.map((cells, index) => ({ cells, number: numbers[index] ?? 0 }));
}
