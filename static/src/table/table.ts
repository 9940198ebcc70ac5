// <tandem-table>: a dataframe that an output shows, with what can be done with it. Loaded when the first one is seen; its
// markup is templates/notebook/_table.html.

import { emit, find, fromTemplate } from "../dom";
import { messageOf } from "../message_of";
import { count, isCut, tabSeparated } from "./cell_text";
import type { Column, Summary, TableContent } from "./content";
import { FilterCard, type FilterChoice } from "./filter_card";
import { Grid, GRID_ACTION, type GridAction } from "./grid";
import { Pages } from "./pages";
import { TABLE_LEFT, TableServer } from "./questions";
import { HEAD, type Place } from "./selection";
import { filteredBy, isWhole, sortedBy, type View, WHOLE } from "./view";

const SEARCH_MS = 250;
const SUMMARY_COLUMNS = 20;
const SUMMARY_RETRY_MS = 2000;
const MAX_SUMMARY_TRIES = 20;
const MAX_COPIED_CELLS = 100_000;
// Until a sort has taken so long, nothing says that it is going on.
const SLOW_MS = 300;
const COPIED_MS = 2500;

export class TableElement extends HTMLElement {
  #content: TableContent | null = null;
  #columns: Column[] = [];
  #server: TableServer | null = null;
  #pages: Pages | null = null;
  #grid: Grid | null = null;
  #filters: FilterCard | null = null;
  #watch: IntersectionObserver | null = null;
  #searchTimer: ReturnType<typeof setTimeout> | undefined;
  #noteTimer: ReturnType<typeof setTimeout> | undefined;
  #summaryTimer: ReturnType<typeof setTimeout> | undefined;
  #summaryTries = 0;
  #isSeen = false;
  #passing = "";
  #passingTimer: ReturnType<typeof setTimeout> | undefined;

  // Lifecycle

  /** What is shown; set before it is put into the page. */
  start(content: TableContent): void {
    this.#content = content;
    this.#columns = [...content.columns];
    this.append(fromTemplate("template-table"));
    this.#server = new TableServer(this, content.table_id);
    const load = this.#server.page.bind(this.#server);
    this.#pages = new Pages(content, load, { changed: () => this.#show() });
    this.#grid = new Grid(find(this, "[data-part=grid]"), content, this.#pages);
    this.#filters = new FilterCard(find(this, "[data-part=filters]"), (choice) => this.#filterChosen(choice));
    this.#listen();
    this.#show();
  }

  disconnectedCallback(): void {
    // Moving a cell disconnects it for a moment.
    queueMicrotask(() => {
      if (!this.isConnected) this.#letGo();
    });
  }

  // Private

  #listen(): void {
    this.addEventListener(GRID_ACTION, (event) => this.#obey((event as CustomEvent<GridAction>).detail));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("input", () => this.#searchLater());
    this.addEventListener("copy", (event) => this.#copied(event));
    const search = find(this, "[data-part=search]");
    search.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
    this.#watch = new IntersectionObserver((entries) => this.#sightChanged(entries.at(-1)?.isIntersecting ?? false));
    this.#watch.observe(this);
  }

  #letGo(): void {
    this.#watch?.disconnect();
    this.#pages?.stop();
    this.#grid?.dispose();
    for (const timer of [this.#searchTimer, this.#noteTimer, this.#passingTimer, this.#summaryTimer]) clearTimeout(timer);
  }

  #sightChanged(isSeen: boolean): void {
    this.#isSeen = isSeen;
    if (this.#pages) this.#pages.isSeen = isSeen;
    if (!isSeen) return;
    this.#pages?.retry();
    this.#grid?.redraw();
    void this.#askSummaries();
  }

  // What it shows

  #show(): void {
    const [content, pages] = [this.#content, this.#pages];
    if (!content || !pages) return;
    this.dataset["state"] = pages.state;
    find(this, "[data-part=size]").textContent = sizeText(content, pages);
    find(this, "[data-part=whole]").hidden = isWhole(pages.view);
    find(this, "[data-part=empty]").hidden = pages.rowCount > 0 || pages.state === "loading";
    find(this, "[data-part=empty]").textContent = isWhole(pages.view) ? "No rows." : "No rows match.";
    this.#note();
    this.#grid?.redraw();
  }

  /** Short work is not worth a word. */
  #note(): void {
    clearTimeout(this.#noteTimer);
    if (this.#pages?.state !== "loading") return this.#say();
    this.#noteTimer = setTimeout(() => this.#say(), SLOW_MS);
  }

  #say(): void {
    const [content, pages] = [this.#content, this.#pages];
    if (!content || !pages) return;
    const note = find(this, "[data-part=note]");
    const text = this.#passing || noteText(content, pages);
    if (note.textContent !== text) note.textContent = text;
  }

  #sayForAWhile(text: string): void {
    this.#passing = text;
    this.#say();
    clearTimeout(this.#passingTimer);
    this.#passingTimer = setTimeout(() => {
      this.#passing = "";
      this.#say();
    }, COPIED_MS);
  }

  async #askSummaries(): Promise<void> {
    const first = this.#columns.findIndex(({ summary }) => summary === null);
    const [server, pages] = [this.#server, this.#pages];
    if (first < 0 || !server || !pages || this.#summaryTimer !== undefined || this.#summaryTries < 0) return;
    this.#summaryTimer = setTimeout(() => {}, 0);
    try {
      const end = Math.min(this.#columns.length, first + SUMMARY_COLUMNS);
      const found = await server.summaries(first, end);
      found.forEach((summary, index) => this.#takeSummary(first + index, summary));
      this.#grid?.showColumns(this.#columns);
      this.#summaryTimer = undefined;
      if (this.#isSeen && found.length > 0) void this.#askSummaries();
    } catch {
      // The kernel is busy or has let go of the table: later, and not for ever.
      this.#summaryTries = this.#summaryTries >= MAX_SUMMARY_TRIES ? -1 : this.#summaryTries + 1;
      this.#summaryTimer = setTimeout(() => {
        this.#summaryTimer = undefined;
        if (this.#isSeen && this.#pages?.state !== "gone") void this.#askSummaries();
      }, SUMMARY_RETRY_MS);
    }
  }

  #takeSummary(place: number, summary: Summary | null): void {
    const column = this.#columns[place];
    // What cannot be summarised is not asked for again.
    if (column) this.#columns[place] = { ...column, summary: summary ?? { nulls: 0 } };
  }

  // What people do

  #obey(action: GridAction): void {
    const [pages, grid] = [this.#pages, this.#grid];
    if (!pages || !grid) return;
    switch (action.type) {
      case "sort":
        return this.#change(sortedBy(pages.view, action.column, action.isAdded));
      case "filter": {
        const column = this.#columns[action.column];
        if (column) this.#filters?.open(action.column, column, pages.view, action.opener);
        return;
      }
      case "open":
        return void this.#open(action.place);
      case "leave":
        emit(this, TABLE_LEFT);
    }
  }

  #filterChosen({ column, filter, sort }: FilterChoice): void {
    const { view } = this.#pages ?? { view: WHOLE };
    if (filter !== undefined) this.#change(filteredBy(view, column, filter));
    if (sort) this.#change({ ...view, sort: [sort] });
    this.#focusGrid();
  }

  #change(view: View): void {
    this.#pages?.show(view);
    this.#grid?.restart();
  }

  #searchLater(): void {
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => {
      const search = find<HTMLInputElement>(this, "[data-part=search]").value;
      const { view } = this.#pages ?? { view: WHOLE };
      if (search !== view.search) this.#change({ ...view, search });
    }, SEARCH_MS);
  }

  #clicked({ target }: MouseEvent): void {
    const part = (target as Element).closest<HTMLElement>("button")?.dataset["part"];
    switch (part) {
      case "whole":
        find<HTMLInputElement>(this, "[data-part=search]").value = "";
        this.#change(WHOLE);
        return this.#focusGrid();
      case "csv":
      case "parquet":
        return void this.#download(part);
      case "copy-value":
        return void this.#write(find(this, "[data-part=value]").textContent ?? "", "Copied.");
      case "close-value":
        return find<HTMLDialogElement>(this, "dialog").close();
    }
  }

  #focusGrid(): void {
    find(this, "[data-part=grid]").focus({ preventScroll: true });
  }

  async #download(format: string): Promise<void> {
    const [content, pages] = [this.#content, this.#pages];
    if (!content || !pages) return;
    this.#sayForAWhile("Making the file…");
    try {
      await this.#server?.makeFile(pages.view, format);
      const query = new URLSearchParams({ format, view: JSON.stringify(pages.view) });
      const link = document.createElement("a");
      link.href = `/api/v1/notebooks/${notebookId()}/tables/${content.table_id}/download/?${query}`;
      link.download = `table.${format}`;
      link.click();
    } catch (error) {
      this.#sayForAWhile(messageOf(error));
    }
  }

  /** All of a cell, which may be long. */
  async #open({ row, column }: Place): Promise<void> {
    const known = this.#pages?.row(row);
    const about = this.#columns[column];
    if (row === HEAD || !known || !about) return;
    const cell = known.cells[column] ?? null;
    const dialog = find<HTMLDialogElement>(this, "dialog");
    find(dialog, "[data-part=place]").textContent = `${about.name || "(index)"}, row ${known.number}`;
    const value = find(dialog, "[data-part=value]");
    value.textContent = cell ?? "null";
    if (!dialog.open) dialog.showModal();
    if (!isCut(cell)) return;
    try {
      value.textContent = (await this.#server?.cell(known.number, column)) ?? cell;
    } catch {
      value.textContent = `${cell}\n\n(The rest is in the kernel, which is busy or off.)`;
    }
  }

  #copied(event: ClipboardEvent): void {
    const [pages, grid] = [this.#pages, this.#grid];
    if (!pages || !grid || event.target !== grid.element || String(document.getSelection())) return;
    event.preventDefault();
    const { top, bottom, left, right } = grid.selection;
    if ((bottom - top + 1) * (right - left + 1) > MAX_COPIED_CELLS) {
      return this.#sayForAWhile(`At most ${count(MAX_COPIED_CELLS)} cells can be copied. Download the table instead.`);
    }
    const text = pages.rows(top, bottom + 1).then((rows) => {
      return tabSeparated(rows.map(({ cells }) => cells.slice(left, right + 1)));
    });
    // What is here already is copied at once, which works on pages that may not use the clipboard otherwise.
    const here = [...Array(bottom - top + 1).keys()].map((index) => pages.row(top + index)?.cells.slice(left, right + 1));
    if (here.every((cells) => cells !== undefined)) {
      event.clipboardData?.setData("text/plain", tabSeparated(here));
      return this.#sayForAWhile(copiedText(bottom - top + 1, right - left + 1));
    }
    void text.then((ready) => this.#write(ready, copiedText(bottom - top + 1, right - left + 1)));
    text.catch((error: unknown) => this.#sayForAWhile(messageOf(error)));
  }

  async #write(text: string, done: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.#sayForAWhile(done);
    } catch {
      this.#sayForAWhile("The browser does not let this page copy. Download the table instead.");
    }
  }
}

/** Of the page, as its address says. */
function notebookId(): string {
  return location.pathname.split("/")[2] ?? "";
}

function sizeText({ row_count, column_count }: TableContent, { rowCount, view }: Pages): string {
  const rows = view.filters.length > 0 || view.search ? `${count(rowCount)} of ${count(row_count)}` : count(row_count);
  return `${rows} ${row_count === 1 ? "row" : "rows"} × ${count(column_count)} ${column_count === 1 ? "column" : "columns"}`;
}

function noteText({ columns, column_count, row_count, note }: TableContent, { state, message, rowCount, view }: Pages): string {
  const first = column_count > columns.length ? `The first ${count(columns.length)} columns are shown.` : "";
  switch (state) {
    case "loading":
      return isWhole(view) ? "Getting rows…" : "Working…";
    case "waiting":
      return "The kernel is busy or off. More rows come when it is idle.";
    case "gone":
      return rowCount < row_count
        ? `These are the first ${count(rowCount)} rows. The kernel has no more of them: run the cell again.`
        : "The kernel does not have this table any more: run the cell again to sort or filter it.";
    case "refused":
      return message;
    case "ready":
      return [first, note].filter(Boolean).join(" ");
  }
}

function copiedText(rows: number, columns: number): string {
  return rows * columns === 1 ? "Copied." : `Copied ${count(rows)} × ${count(columns)} cells.`;
}

customElements.define("tandem-table", TableElement);
