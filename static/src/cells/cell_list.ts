// The cells of the page in the order of the notebook: makes, moves and removes the elements.

import { emit, find, fromTemplate } from "../dom";
import { livingFrames } from "../outputs/living_frames";
import type { Cell } from "../protocol/types";
import { CELL_LOST, type CellServices } from "./actions";
import { CellElement } from "./cell";
import { EndOfPage } from "./end_of_page";
import { stationary } from "./order";
import { TextColours } from "./text_colours";

// Cells get ready this far before they are scrolled into view.
const READY_AHEAD = "800px";
// A notebook with more cells is long: of those that are far from view only the text is in the page, and they come
// so many at a time, so that the first ones can be used at once. The server sends as many (apps/web/notebook.py).
const LONG = 60;
const CELLS_AT_ONCE = 50;
// However busy the page is, the next ones come.
const GROW_WITHIN_MS = 500;
// For so long after the last cell around it got ready, a cell that somebody went to is held in view.
const HOLD_MS = 1500;
// Of a frame, for cells that come near: scrolling goes on meanwhile.
const READY_MS = 8;
// In windows a frame. Faster, as when somebody drags the scrollbar, nobody can read: then cells show their text alone,
// or the page would still be drawing what is long past.
const FLYING = 0.5;

/** A cell to go to as soon as it is in the page. */
interface Destination {
  readonly cellId: string;
  readonly to: "cell" | "text";
}

export class CellList {
  #container: HTMLElement;
  #services: CellServices;
  #elements = new Map<string, CellElement>();
  #shown: readonly Cell[] = [];
  /** ... and those that are still to come. */
  #all: readonly Cell[] = [];
  #destination: Destination | null = null;
  #visibility: IntersectionObserver;
  /** How many cells are in the page; see `LONG`. */
  #limit = LONG;
  #isLong = false;
  #grow: () => void;
  #growing = 0;
  #nearing = new Set<CellElement>();
  #end: EndOfPage;
  #colours = new TextColours(isCell);
  #frame = 0;
  /** Where the page was scrolled to a frame ago, in pixels. */
  #top = 0;

  /** Takes over the cells the server rendered in `container`. `grow` asks to be shown the cells again: there is room for more. */
  constructor(container: HTMLElement, services: CellServices, grow: () => void) {
    this.#container = container;
    this.#services = services;
    this.#grow = grow;
    for (const element of container.querySelectorAll<CellElement>("tandem-cell")) {
      this.#elements.set(element.dataset["cellId"] ?? "", element);
    }
    this.#visibility = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: READY_AHEAD });
    this.#end = new EndOfPage(container);
    // On paper everything is in view.
    window.addEventListener("beforeprint", () => this.showAll());
  }

  /** Those that are in the page: of a long notebook only the first, for a moment. */
  get elements(): CellElement[] {
    return [...this.#container.querySelectorAll<CellElement>("tandem-cell")];
  }

  /** Those of all cells of the notebook. */
  get all(): CellElement[] {
    this.#complete();
    return this.elements;
  }

  /** As if all of it were in view, until it was printed. */
  showAll(): void {
    livingFrames().holdForPrint();
    for (const element of this.all) element.comeIntoView();
  }

  find(cellId: string): CellElement | undefined {
    return this.#elements.get(cellId);
  }

  neighbour(element: CellElement, direction: "up" | "down"): CellElement | undefined {
    const isLast = element.dataset["cellId"] === this.#shown.at(-1)?.id;
    const elements = isLast && direction === "down" ? this.all : this.elements;
    return elements[elements.indexOf(element) + (direction === "up" ? -1 : 1)];
  }

  /** Select the cell or edit its text: now, or when it is shown. */
  goTo(cellId: string, to: "cell" | "text"): void {
    this.#destination = { cellId, to };
    if (!this.find(cellId)) this.#growNow(Infinity);
    this.#arrive();
  }

  /** Select the first or the last cell of the notebook. */
  goToEdge(edge: "first" | "last"): void {
    const cell = this.#all.at(edge === "first" ? 0 : -1);
    if (cell) this.goTo(cell.id, "cell");
  }

  /** Scroll to the cell. */
  reveal(element: CellElement): void {
    element.scrollIntoView({ block: "nearest" });
    if (this.#isLong) this.#hold(element);
  }

  show(all: readonly Cell[]): void {
    this.#all = all;
    this.#isLong = all.length > LONG;
    const cells = all.length > this.#limit ? all.slice(0, this.#limit) : all;
    if (cells !== all) this.#growSoon();
    const before = new Map(this.#shown.map((cell) => [cell.id, cell]));
    if (!isSameOrder(cells, this.#shown)) {
      this.#remove(new Set(cells.map((cell) => cell.id)));
      this.#arrange(cells);
    }
    for (const cell of cells) {
      if (before.get(cell.id) !== cell) this.#showCell(cell);
    }
    this.#shown = cells;
    this.#colourSoon();
    this.#arrive();
  }

  /** What the kernel speaks is another. */
  showLanguage(): void {
    for (const { id } of this.#shown) this.find(id)?.showLanguage();
    this.#colourSoon();
  }

  // Private

  #growSoon(): void {
    const grow = (): void => this.#growNow(this.#limit + CELLS_AT_ONCE);
    this.#growing ||= requestIdleCallback(grow, { timeout: GROW_WITHIN_MS });
  }

  #growNow(limit: number): void {
    cancelIdleCallback(this.#growing);
    this.#growing = 0;
    this.#limit = limit;
    this.#grow();
  }

  /** Now: somebody does something with all cells. What else there is to show of them comes with the next frame. */
  #complete(): void {
    if (this.#shown.length === this.#all.length) return;
    this.#growNow(Infinity);
    this.show(this.#all);
  }

  /** Not before all cells are in the page: that comes first. */
  #colourSoon(): void {
    if (this.#shown.length === this.#all.length) this.#colours.wake();
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      if (!(target instanceof CellElement)) continue;
      if (isIntersecting) this.#colours.near(target);
      if (!isIntersecting) this.#left(target);
      else if (this.#isLong) this.#nearing.add(target);
      else target.comeIntoView();
    }
    this.#colourSoon();
    if (this.#nearing.size === 0 || this.#frame) return;
    this.#top = window.scrollY;
    this.#frame = requestAnimationFrame(() => this.#makeReady());
  }

  #left(element: CellElement): void {
    this.#nearing.delete(element);
    if (this.#isLong) element.goOutOfView();
  }

  /** One cell at least, and as many as there is time for, unless the page flies by. */
  #makeReady(): void {
    const began = performance.now();
    const isFlying = Math.abs(window.scrollY - this.#top) > FLYING * window.innerHeight;
    this.#top = window.scrollY;
    for (const element of isFlying ? [] : this.#nearing) {
      this.#nearing.delete(element);
      element.comeIntoView();
      this.#end.drawn();
      if (performance.now() - began > READY_MS) break;
    }
    this.#frame = this.#nearing.size > 0 ? requestAnimationFrame(() => this.#makeReady()) : 0;
  }

  /** The cells around it get their true height only now: it stays in view meanwhile, unless somebody goes elsewhere. */
  #hold(element: CellElement): void {
    let until = Infinity; // from the first frame on, which comes late if many cells do
    const stop = new AbortController();
    const follow = (): void => {
      const now = performance.now();
      if (stop.signal.aborted || now > until) return stop.abort();
      if (until === Infinity || this.#nearing.size > 0) until = now + HOLD_MS;
      element.scrollIntoView({ block: "nearest" });
      requestAnimationFrame(follow);
    };
    requestAnimationFrame(() => {
      // Not before: the key or click that leads here is still on its way to the window.
      for (const type of ["wheel", "pointerdown", "keydown", "touchstart"]) {
        window.addEventListener(type, () => stop.abort(), { signal: stop.signal, passive: true });
      }
      follow();
    });
  }

  #arrive(): void {
    const element = this.#destination && this.find(this.#destination.cellId);
    if (!element) return;
    if (this.#destination?.to === "text") element.edit("start");
    else element.select();
    if (this.#isLong) this.#hold(element);
    this.#destination = null;
  }

  #remove(remaining: ReadonlySet<string>): void {
    for (const [id, element] of this.#elements) {
      if (remaining.has(id)) continue;
      if (element.hasUnsent) emit(this.#container, CELL_LOST, id);
      this.#elements.delete(id);
      this.#visibility.unobserve(element);
      element.remove();
    }
  }

  #arrange(cells: readonly Cell[]): void {
    const order = cells.map((cell) => cell.id);
    const inPage = this.elements.map((element) => element.dataset["cellId"] ?? "");
    if (inPage.length === order.length && inPage.every((id, index) => id === order[index])) return;
    const staying = stationary(inPage, order);
    const focused = document.activeElement;
    let next: Element | null = null;
    for (const id of order.toReversed()) {
      const element = this.#elements.get(id) ?? this.#make(id);
      if (!staying.has(id)) this.#container.insertBefore(element, next);
      next = element;
    }
    if (focused instanceof HTMLElement && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  #make(id: string): CellElement {
    const element = fromTemplate("template-cell") as CellElement;
    element.id = `cell-${id}`;
    element.dataset["cellId"] = id;
    element.setAttribute("aria-describedby", `notices-${id}`);
    find(element, "[data-part=notices]").id = `notices-${id}`;
    this.#elements.set(id, element);
    return element;
  }

  #showCell(cell: Cell): void {
    const element = this.#elements.get(cell.id);
    if (!element) return;
    element.show(cell, this.#services, this.#isLong);
    this.#visibility.observe(element);
  }
}

function isCell(element: Element | null): element is CellElement {
  return element instanceof CellElement;
}

function isSameOrder(cells: readonly Cell[], shown: readonly Cell[]): boolean {
  return cells.length > 0 && cells.length === shown.length && cells.every(({ id }, index) => id === shown[index]?.id);
}
