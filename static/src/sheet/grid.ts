// The grid of a sheet: of its rows only those about in view are in the page. The focus stays on the grid itself, and
// `aria-activedescendant` says where in it the keys act.

import type { Text } from "@codemirror/state";
import { find, fromTemplate } from "../dom";
import { newId } from "../ids";
import { shown, widthOf } from "../table/cell_text";
import { edgesOf } from "../table/scrolling";
import { HEAD, isIn, type Place, type Rectangle, rectangle, within } from "../table/selection";
import type { Box } from "./entry";
import { MAX_ROWS, rowCountOf, rowFields, type SheetColumn } from "./sheet_text";
import { isOfType } from "./values";

/** Somebody else is there. */
export interface Visitor {
  readonly place: Place;
  readonly label: string;
  /** The number of their colour in tokens.css. */
  readonly colour: number;
}

// As in table.css and cell_sheet.css.
const ROW_PX = 28;
const HEAD_PX = 44;
const GUTTER_PX = 48;
// Above and below those in view, so that they are there when somebody scrolls.
const SPARE_ROWS = 12;
const MEASURED_ROWS = 50;
const WRONG = { text: "", number: "Not a number", date: "Not a date, such as 2026-11-22", boolean: "Neither true nor false" };

export class SheetGrid {
  readonly element: HTMLElement;
  #canvas: HTMLElement;
  #head: HTMLElement;
  #body: HTMLElement;
  #hasNewRow: boolean;
  #doc: Text;
  #columns: readonly SheetColumn[] = [];
  #edges: readonly number[] = [0];
  #visitors: readonly Visitor[] = [];
  #active: Place = { row: 0, column: 0 };
  #anchor: Place = { row: 0, column: 0 };
  #rows = new Map<number, HTMLElement>();
  #id = newId();
  #frame = 0;
  /** The rows that are in the page say what they said before. */
  #isOld = false;
  #observer = new ResizeObserver(() => this.#drawSoon());

  /** `hasNewRow`: below the last row is one more, to be filled in. */
  constructor(element: HTMLElement, doc: Text, hasNewRow: boolean) {
    this.element = element;
    this.#doc = doc;
    this.#hasNewRow = hasNewRow;
    this.#canvas = find(element, "[data-part=canvas]");
    this.#head = find(element, "[data-part=head]");
    this.#body = find(element, "[data-part=body]");
    element.addEventListener("scroll", () => this.#drawSoon(), { passive: true });
    this.#observer.observe(element);
  }

  // Lifecycle

  stop(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  // Actions

  show(doc: Text, columns: readonly SheetColumn[], visitors: readonly Visitor[]): void {
    this.#doc = doc;
    this.#visitors = visitors;
    if (JSON.stringify(columns) !== JSON.stringify(this.#columns)) this.#showColumns(columns);
    this.#edges = edgesOf(this.#widths());
    this.select(this.#active, this.#anchor);
  }

  /** The keys act on `active`, and what is between the two is selected. */
  select(active: Place, anchor: Place = active): void {
    this.#active = within(active, this.#extent);
    this.#anchor = within(anchor, this.#extent);
    this.#isOld = true;
    this.#drawSoon();
  }

  get active(): Place {
    return this.#active;
  }

  get anchor(): Place {
    return this.#anchor;
  }

  get selection(): Rectangle {
    return rectangle(this.#anchor, this.#active);
  }

  /** With the new one below the last, if there may be more. */
  get rowCount(): number {
    const count = rowCountOf(this.#doc);
    return count + Number(this.#hasNewRow && count < MAX_ROWS);
  }

  get pageRows(): number {
    return Math.max(1, Math.floor((this.element.clientHeight - HEAD_PX) / ROW_PX) - 1);
  }

  /** In pixels, in the grid as it is before anybody scrolls. */
  boxOf({ row, column }: Place): Box {
    const [left = 0, right = 0] = this.#edges.slice(column, column + 2);
    return { left: GUTTER_PX + left, top: HEAD_PX + row * ROW_PX, width: right - left, height: ROW_PX };
  }

  reveal(place: Place): void {
    const { element } = this;
    const { left, top, width } = this.boxOf(place);
    if (place.row !== HEAD) {
      if (top - HEAD_PX < element.scrollTop) element.scrollTop = top - HEAD_PX;
      else if (top + ROW_PX > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW_PX - element.clientHeight;
    }
    if (left - GUTTER_PX < element.scrollLeft) element.scrollLeft = left - GUTTER_PX;
    else if (left + width > element.scrollLeft + element.clientWidth) element.scrollLeft = left + width - element.clientWidth;
  }

  /** What shows this place, to open something under it. */
  elementAt({ row, column }: Place): HTMLElement | null {
    return document.getElementById(this.#idOf(row, column));
  }

  // Private

  get #extent(): { rowCount: number; columnCount: number } {
    return { rowCount: this.rowCount, columnCount: this.#columns.length };
  }

  #idOf(row: number, column: number): string {
    return `sheet-${this.#id}-${row}-${column}`;
  }

  #showColumns(columns: readonly SheetColumn[]): void {
    this.#columns = columns;
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    const [corner] = this.#head.children;
    this.#head.replaceChildren(corner as Element, ...columns.map((column, place) => this.#makeHead(column, place)));
  }

  #makeHead({ name, type }: SheetColumn, place: number): HTMLElement {
    const head = fromTemplate("template-sheet-column");
    head.id = this.#idOf(HEAD, place);
    head.ariaColIndex = String(place + 2);
    Object.assign(head.dataset, { row: HEAD, column: place });
    find(head, "[data-part=name]").textContent = name;
    find(head, "[data-part=type]").textContent = type;
    head.querySelector("[data-part=open]")?.setAttribute("aria-label", `Column ${name}`);
    return head;
  }

  #widths(): number[] {
    const rows = Array.from({ length: Math.min(MEASURED_ROWS, rowCountOf(this.#doc)) }, (_, row) => rowFields(this.#doc, row));
    return this.#columns.map((column, place) => {
      return widthOf({ ...column, kind: "text" }, rows.map((fields) => fields[place]?.value ?? ""));
    });
  }

  #drawSoon(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    this.#drawSizes();
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - SPARE_ROWS);
    const end = Math.min(this.rowCount, Math.ceil((scrollTop + clientHeight - HEAD_PX) / ROW_PX) + SPARE_ROWS);
    for (const [row, element] of this.#rows) {
      if (row >= first && row < end) continue;
      element.remove();
      this.#rows.delete(row);
    }
    for (let row = first; row < end; row++) this.#drawRow(row);
    this.#isOld = false;
    this.#drawActive();
  }

  #drawSizes(): void {
    const { element } = this;
    element.style.setProperty("--table-width", `${GUTTER_PX + (this.#edges.at(-1) ?? 0)}px`);
    element.style.setProperty("--table-gutter", `${GUTTER_PX}px`);
    element.style.setProperty("--table-height", `${HEAD_PX + this.rowCount * ROW_PX}px`);
    element.ariaRowCount = String(this.rowCount + 1);
    element.ariaColCount = String(this.#columns.length + 1);
    const heads = [...this.#head.children].slice(1) as HTMLElement[];
    heads.forEach((head, column) => this.#setPlace(head, column));
  }

  #setPlace(element: HTMLElement, column: number): void {
    const { left, width } = this.boxOf({ row: 0, column });
    element.style.left = `${left}px`;
    element.style.width = `${width}px`;
  }

  #drawRow(row: number): void {
    const known = this.#rows.get(row);
    if (known && !this.#isOld) return;
    const element = known ?? this.#addRow(row);
    const fields = rowFields(this.#doc, row);
    const [gutter, ...cells] = [...element.children] as HTMLElement[];
    if (gutter) this.#fillGutter(gutter, row, fields.length > this.#columns.length);
    cells.forEach((cell, column) => this.#fillCell(cell, { row, column }, fields[column]?.value ?? ""));
  }

  #addRow(row: number): HTMLElement {
    const element = document.createElement("div");
    element.className = "table-row";
    element.role = "row";
    element.ariaRowIndex = String(row + 2);
    element.style.top = `${HEAD_PX + row * ROW_PX}px`;
    const gutter = document.createElement("div");
    gutter.className = "table-gutter";
    gutter.role = "rowheader";
    gutter.ariaColIndex = "1";
    gutter.dataset["row"] = String(row);
    element.append(gutter, ...this.#columns.map((column, place) => this.#makeCell(row, place, column)));
    // As they are seen, for who is read to.
    const after = [...this.#rows.keys()].filter((other) => other > row);
    this.#body.insertBefore(element, after.length > 0 ? (this.#rows.get(Math.min(...after)) ?? null) : null);
    this.#rows.set(row, element);
    return element;
  }

  #makeCell(row: number, column: number, { type }: SheetColumn): HTMLElement {
    const cell = document.createElement("div");
    cell.className = "table-cell";
    cell.role = "gridcell";
    cell.ariaColIndex = String(column + 2);
    cell.id = this.#idOf(row, column);
    Object.assign(cell.dataset, { row, column, kind: type });
    return cell;
  }

  #fillGutter(gutter: HTMLElement, row: number, hasMore: boolean): void {
    const isNew = row >= rowCountOf(this.#doc);
    gutter.textContent = isNew ? "+" : String(row + 1);
    gutter.title = hasMore ? "The row has more values than there are columns" : "";
    gutter.toggleAttribute("data-wrong", hasMore);
    gutter.ariaLabel = isNew ? "New row" : null;
  }

  #fillCell(cell: HTMLElement, place: Place, value: string): void {
    const type = this.#columns[place.column]?.type ?? "text";
    const isWrong = !isOfType(value, type);
    const visitor = this.#visitors.find((each) => each.place.row === place.row && each.place.column === place.column);
    const { selection } = this;
    const isOne = selection.top === selection.bottom && selection.left === selection.right;
    cell.textContent = shown(value, { kind: "text" }).replace(/\r\n|[\r\n]/g, "↵");
    cell.title = isWrong ? WRONG[type] : (visitor?.label ?? "");
    cell.ariaInvalid = isWrong ? "true" : null;
    cell.ariaSelected = String(!isOne && this.#active.row !== HEAD && isIn(place, selection));
    cell.style.setProperty("--visitor", visitor ? `var(--person-${visitor.colour})` : "");
    cell.toggleAttribute("data-visited", visitor !== undefined);
    this.#setPlace(cell, place.column);
  }

  #drawActive(): void {
    for (const old of this.#canvas.querySelectorAll("[data-active]")) old.removeAttribute("data-active");
    const active = this.elementAt(this.#active);
    active?.setAttribute("data-active", "");
    if (active) this.element.setAttribute("aria-activedescendant", active.id);
    else this.element.removeAttribute("aria-activedescendant");
  }
}

/** The place that an element of the grid shows; of the number of a row, `column` is null. */
export function placeOf(target: EventTarget | null): { row: number; column: number | null } | null {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
  if (!element) return null;
  const { row, column } = element.dataset;
  return { row: Number(row), column: column === undefined ? null : Number(column) };
}
