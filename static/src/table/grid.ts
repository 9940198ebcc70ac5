// The grid of a table: of any number of rows and columns only those in view are in the page. The rows hang below the head,
// which stays in view, and are filled anew when somebody scrolls; so there is never an empty place. The focus stays on the
// grid itself, and `aria-activedescendant` says where in it the keys act.

import { emit, find, fromTemplate } from "../dom";
import { newId } from "../ids";
import { distinctText, isCut, nullsText, shown, summaryText, widthOf } from "./cell_text";
import type { Column, TableContent } from "./content";
import { histogram } from "./histogram";
import type { Pages } from "./pages";
import { columnsBetween, edgesOf, Scrolling } from "./scrolling";
import { HEAD, isIn, moved, type Place, type Rectangle, rectangle, within } from "./selection";
import { sortOf } from "./view";

/** What somebody wants of the place; the table does it. */
export type GridAction =
  | { readonly type: "sort"; readonly column: number; readonly isAdded: boolean }
  | { readonly type: "filter"; readonly column: number; readonly opener: HTMLElement }
  | { readonly type: "open"; readonly place: Place }
  | { readonly type: "leave" };

export const GRID_ACTION = "grid-action";

// As in table.css.
export const ROW_PX = 28;
export const HEAD_PX = 76;
const MIN_WIDTH_PX = 48;
const MAX_WIDTH_PX = 1200;
const RESIZE_STEP_PX = 16;
const DIGIT_PX = 8;
const SETTLED_MS = 150;
// Of the first rows, to see how wide columns should be.
const MEASURED_ROWS = 30;

export class Grid {
  readonly element: HTMLElement;
  #content: TableContent;
  #pages: Pages;
  #columns: readonly Column[];
  #widths: number[];
  #edges: readonly number[] = [];
  #gutter: number;
  #scrolling: Scrolling;
  #active: Place = { row: 0, column: 0 };
  #anchor: Place = { row: 0, column: 0 };
  #head: HTMLElement;
  #body: HTMLElement;
  #heads: HTMLElement[] = [];
  #rows = new Map<number, HTMLElement>();
  #shownColumns: readonly [number, number] = [0, 0];
  #id = newId();
  #frame = 0;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #observer = new ResizeObserver(() => this.redraw());
  #stop = new AbortController();

  constructor(element: HTMLElement, content: TableContent, pages: Pages) {
    this.element = element;
    this.#content = content;
    this.#pages = pages;
    this.#columns = content.columns;
    const first = content.rows.slice(0, MEASURED_ROWS);
    this.#widths = content.columns.map((column, place) => widthOf(column, first.map((row) => row[place] ?? null)));
    this.#gutter = Math.max(3, String(Math.max(0, content.row_count - 1)).length) * DIGIT_PX + 16;
    this.#scrolling = new Scrolling(ROW_PX, pages.rowCount, 0);
    this.#head = find(element, "[data-part=head]");
    this.#body = find(element, "[data-part=body]");
    this.#makeHeads();
    this.#listen();
    this.redraw();
  }

  // Actions

  dispose(): void {
    this.#stop.abort();
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#settle);
  }

  /** Something is different: show it in the next frame. */
  redraw(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** The rows are others: back to the first. */
  restart(): void {
    this.#scrolling.top = 0;
    this.#active = this.#anchor = { row: this.#active.row === HEAD ? HEAD : 0, column: this.#active.column };
    this.element.scrollTop = 0;
    this.redraw();
  }

  /** More is known of the columns. */
  showColumns(columns: readonly Column[]): void {
    this.#columns = columns;
    this.#heads.forEach((head, place) => this.#fillHead(head, place));
  }

  get selection(): Rectangle {
    return rectangle(this.#anchor, this.#active);
  }

  get active(): Place {
    return this.#active;
  }

  head(column: number): HTMLElement | undefined {
    return this.#heads[column];
  }

  // Private

  #listen(): void {
    const { signal } = this.#stop;
    this.element.addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
    this.element.addEventListener("keydown", (event) => this.#keyPressed(event), { signal });
    this.element.addEventListener("pointerdown", (event) => this.#pressed(event), { signal });
    this.element.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.element.addEventListener("dblclick", (event) => this.#doubleClicked(event), { signal });
    this.element.addEventListener("focus", () => this.redraw(), { signal });
    this.#observer.observe(this.element);
  }

  #act(action: GridAction): void {
    emit(this.element, GRID_ACTION, action);
  }

  #scrolled(): void {
    this.#scrolling.scrolledTo(this.element.scrollTop);
    this.redraw();
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#settleScroll(), SETTLED_MS);
  }

  /** After exact steps through a very long table the scrollbar is put where it belongs. */
  #settleScroll(): void {
    const wanted = Math.round(this.#scrolling.scrollTop);
    if (Math.abs(wanted - this.element.scrollTop) < 1) return;
    this.#scrolling.settled(wanted);
    this.element.scrollTop = wanted;
    this.#scrolling.settled(this.element.scrollTop);
  }

  // Drawing

  #draw(): void {
    this.#frame = 0;
    const { element } = this;
    this.#scrolling.rowCount = this.#pages.rowCount;
    this.#scrolling.viewportPx = Math.max(0, element.clientHeight - HEAD_PX);
    if (this.#scrolling.viewportPx > 0) this.#scrolling.reveal(Math.min(this.#scrolling.top, this.#pages.rowCount - 1));
    this.#drawSizes();
    const [first, end] = this.#scrolling.range;
    this.#pages.want(first, end);
    this.#drawColumns();
    for (const [place, row] of this.#rows) {
      if (place >= first && place < end) continue;
      row.remove();
      this.#rows.delete(place);
    }
    for (let place = first; place < end; place++) this.#drawRow(place);
    this.#putInOrder();
    this.#drawActive();
  }

  #drawSizes(): void {
    this.#edges = edgesOf(this.#widths);
    const width = this.#gutter + (this.#edges.at(-1) ?? 0);
    this.element.style.setProperty("--table-width", `${width}px`);
    this.element.style.setProperty("--table-gutter", `${this.#gutter}px`);
    this.element.style.setProperty("--table-height", `${HEAD_PX + this.#scrolling.heightPx}px`);
    this.element.ariaRowCount = String(this.#pages.rowCount + 1);
    this.element.ariaColCount = String(this.#columns.length + 1);
  }

  #drawColumns(): void {
    const left = this.element.scrollLeft;
    const shownColumns = columnsBetween(this.#edges, left, left + this.element.clientWidth - this.#gutter);
    if (shownColumns.join() !== this.#shownColumns.join()) {
      this.#shownColumns = shownColumns;
      for (const row of this.#rows.values()) row.remove();
      this.#rows.clear();
    }
    const [first, end] = shownColumns;
    this.#heads.forEach((head, place) => {
      head.hidden = place < first || place >= end;
      this.#setPlace(head, place);
      head.ariaSort = sortOf(this.#pages.view, place);
      head.dataset["filtered"] = String(this.#pages.view.filters.some(({ column }) => column === place));
    });
  }

  #setPlace(element: HTMLElement, column: number): void {
    element.style.left = `${this.#gutter + (this.#edges[column] ?? 0)}px`;
    element.style.width = `${this.#widths[column] ?? 0}px`;
  }

  #drawRow(place: number): void {
    let row = this.#rows.get(place);
    if (!row) {
      row = this.#makeRow(place);
      this.#rows.set(place, row);
    }
    row.style.transform = `translateY(${Math.round((place - this.#scrolling.top) * ROW_PX)}px)`;
    const known = this.#pages.row(place);
    row.dataset["state"] = known ? "known" : "loading";
    const [gutter, ...cells] = [...row.children] as HTMLElement[];
    if (gutter) gutter.textContent = known ? String(known.number) : "";
    const { selection } = this;
    const isOne = selection.top === selection.bottom && selection.left === selection.right;
    for (const cell of cells) {
      const column = Number(cell.dataset["column"]);
      this.#setPlace(cell, column);
      const value = known?.cells[column];
      cell.dataset["null"] = String(known !== undefined && value === null);
      cell.textContent = value === undefined ? "" : shown(value, this.#columns[column] as Column);
      cell.dataset["cut"] = String(value !== undefined && isCut(value));
      cell.ariaSelected = String(!isOne && isIn({ row: place, column }, selection));
    }
  }

  /** As they are seen, for who is read to. */
  #putInOrder(): void {
    const inOrder = [...this.#rows].sort(([one], [other]) => one - other).map(([, row]) => row);
    inOrder.forEach((row, index) => {
      if (this.#body.children[index] !== row) this.#body.insertBefore(row, this.#body.children[index] ?? null);
    });
  }

  #makeRow(place: number): HTMLElement {
    const row = document.createElement("div");
    row.className = "table-row";
    row.role = "row";
    row.ariaRowIndex = String(place + 2);
    const gutter = document.createElement("div");
    gutter.className = "table-gutter";
    gutter.role = "rowheader";
    gutter.ariaColIndex = "1";
    row.append(gutter);
    const [first, end] = this.#shownColumns;
    for (let column = first; column < end; column++) row.append(this.#makeCell(place, column));
    return row;
  }

  #makeCell(row: number, column: number): HTMLElement {
    const cell = document.createElement("div");
    cell.className = "table-cell";
    cell.role = "gridcell";
    cell.ariaColIndex = String(column + 2);
    cell.id = this.#idOf({ row, column });
    cell.dataset["row"] = String(row);
    cell.dataset["column"] = String(column);
    cell.dataset["kind"] = this.#columns[column]?.kind;
    cell.dataset["index"] = String(this.#columns[column]?.is_index);
    return cell;
  }

  #drawActive(): void {
    const id = this.#idOf(this.#active);
    const cell = document.getElementById(id);
    for (const old of this.element.querySelectorAll("[data-active]")) delete (old as HTMLElement).dataset["active"];
    if (cell) cell.dataset["active"] = "";
    if (cell && !cell.hidden) this.element.setAttribute("aria-activedescendant", id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  #idOf({ row, column }: Place): string {
    return `table-${this.#id}-${row}-${column}`;
  }

  // Head

  #makeHeads(): void {
    this.#heads = this.#columns.map((_, place) => {
      const head = fromTemplate("template-table-column");
      head.id = this.#idOf({ row: HEAD, column: place });
      head.dataset["column"] = String(place);
      head.ariaColIndex = String(place + 2);
      this.#fillHead(head, place);
      return head;
    });
    this.#head.append(...this.#heads);
  }

  #fillHead(head: HTMLElement, place: number): void {
    const { name, type, kind, summary, is_index } = this.#columns[place] as Column;
    head.dataset["kind"] = kind;
    head.dataset["index"] = String(is_index);
    find(head, "[data-part=name]").textContent = name || (is_index ? "(index)" : "(no name)");
    find(head, "[data-part=type]").textContent = type;
    find(head, "[data-part=nulls]").textContent = nullsText(summary, this.#content.row_count);
    const text = summaryText(summary, this.#content.row_count);
    head.title = [name, type, text].filter(Boolean).join("\n");
    find(head, "[data-part=summary]").textContent = text;
    const picture = summary && histogram(summary);
    const distinct = document.createElement("span");
    distinct.className = "table-distinct";
    distinct.textContent = distinctText(summary);
    find(head, "[data-part=picture]").replaceChildren(picture ?? distinct);
  }

  // Keys and pointer

  #keyPressed(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    const extent = {
      rowCount: this.#pages.rowCount,
      columnCount: this.#columns.length,
      pageRows: this.#scrolling.pageRows,
    };
    if (event.altKey && event.key.startsWith("Arrow")) return this.#altArrow(event);
    const place = moved(this.#active, event, extent);
    if (place && extent.columnCount > 0) this.#go(place, event.shiftKey);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) this.#selectAll();
    else if (event.key === "Enter" || (event.key === " " && this.#active.row === HEAD)) this.#enter(event);
    else if (event.key === "Escape") this.#act({ type: "leave" });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** On a head: wider, narrower, or its filter. */
  #altArrow(event: KeyboardEvent): void {
    const { column } = this.#active;
    const opener = this.#heads[column];
    if (event.key === "ArrowLeft") this.#resize(column, (this.#widths[column] ?? 0) - RESIZE_STEP_PX);
    else if (event.key === "ArrowRight") this.#resize(column, (this.#widths[column] ?? 0) + RESIZE_STEP_PX);
    else if (event.key === "ArrowDown" && opener) this.#act({ type: "filter", column, opener });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #enter({ shiftKey }: KeyboardEvent): void {
    const { row, column } = this.#active;
    if (row === HEAD) this.#act({ type: "sort", column, isAdded: shiftKey });
    else this.#act({ type: "open", place: this.#active });
  }

  #go(place: Place, isExtended: boolean): void {
    this.#active = place;
    if (!isExtended) this.#anchor = place;
    if (place.row !== HEAD) {
      this.#scrolling.reveal(place.row);
      const wanted = Math.round(this.#scrolling.scrollTop);
      this.#scrolling.settled(wanted);
      this.element.scrollTop = wanted;
      this.#scrolling.settled(this.element.scrollTop);
    }
    this.#revealColumn(place.column);
    this.redraw();
  }

  #revealColumn(column: number): void {
    const [start, end] = [this.#edges[column] ?? 0, this.#edges[column + 1] ?? 0];
    const room = this.element.clientWidth - this.#gutter;
    if (start < this.element.scrollLeft) this.element.scrollLeft = start;
    else if (end > this.element.scrollLeft + room) this.element.scrollLeft = Math.min(start, end - room);
  }

  #selectAll(): void {
    this.#anchor = { row: 0, column: 0 };
    const [rowCount, columnCount] = [this.#pages.rowCount, this.#columns.length];
    this.#active = within({ row: rowCount, column: columnCount }, { rowCount, columnCount });
    this.redraw();
  }

  #pressed(event: PointerEvent): void {
    const target = event.target as HTMLElement;
    if (target.matches("[data-part=resizer]")) return this.#startResize(event, target);
    const cell = target.closest<HTMLElement>(".table-cell");
    if (!cell || event.button !== 0 || event.pointerType === "touch") return;
    this.#go(placeOf(cell), event.shiftKey);
    const { signal } = this.#stop;
    const until = new AbortController();
    const move = (moving: PointerEvent): void => {
      const under = document.elementFromPoint(moving.clientX, moving.clientY)?.closest<HTMLElement>(".table-cell");
      if (under && this.element.contains(under)) this.#go(placeOf(under), true);
    };
    const options = { signal: AbortSignal.any([signal, until.signal]) };
    document.addEventListener("pointermove", move, options);
    document.addEventListener("pointerup", () => until.abort(), options);
    document.addEventListener("pointercancel", () => until.abort(), options);
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const head = target.closest<HTMLElement>(".table-column");
    const cell = target.closest<HTMLElement>(".table-cell");
    if (cell) return this.#go(placeOf(cell), event.shiftKey);
    if (!head || target.matches("[data-part=resizer]")) return;
    const column = Number(head.dataset["column"]);
    this.#go({ row: HEAD, column }, false);
    const opener = target.closest<HTMLElement>("[data-part=filter]");
    if (opener) this.#act({ type: "filter", column, opener });
    else this.#act({ type: "sort", column, isAdded: event.shiftKey });
  }

  #doubleClicked({ target }: MouseEvent): void {
    const cell = (target as Element).closest<HTMLElement>(".table-cell");
    if (cell) this.#act({ type: "open", place: placeOf(cell) });
  }

  #startResize(event: PointerEvent, handle: HTMLElement): void {
    event.preventDefault();
    const column = Number(handle.closest<HTMLElement>("[data-column]")?.dataset["column"]);
    const [from, width] = [event.clientX, this.#widths[column] ?? 0];
    const until = new AbortController();
    handle.setPointerCapture(event.pointerId);
    const { signal } = until;
    handle.addEventListener("pointermove", ({ clientX }) => this.#resize(column, width + clientX - from), { signal });
    for (const end of ["pointerup", "pointercancel"] as const) {
      handle.addEventListener(end, () => until.abort(), { signal });
    }
  }

  #resize(column: number, width: number): void {
    this.#widths[column] = Math.min(Math.max(MIN_WIDTH_PX, width), MAX_WIDTH_PX);
    this.redraw();
  }
}

function placeOf(cell: HTMLElement): Place {
  return { row: Number(cell.dataset["row"]), column: Number(cell.dataset["column"]) };
}
