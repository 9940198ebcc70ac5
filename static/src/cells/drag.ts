// Dragging cells to another place, with mouse, pen or finger, by their number or their handle. A line shows where they
// would go; near the edge of the window the page scrolls. Escape leaves everything as it is. With keys: Alt+Shift and
// the arrows.

import { fromTemplate } from "../dom";
import type { CellElement } from "./cell";
import type { CellList } from "./cell_list";
import type { CellChanges } from "./changes";
import { dropPlace } from "./order";
import type { CellSelection } from "./selection";

// A click is no drag: the pointer has to go this far.
const BEGINS_AFTER_PX = 6;
// From here to the edge the page scrolls, the faster the nearer.
const EDGE_PX = 90;
const FASTEST_PX = 22;

interface Drag {
  readonly elements: readonly CellElement[];
  readonly pointerId: number;
  readonly startX: number;
  readonly startY: number;
  y: number;
  line: HTMLElement | null;
  frame: number;
}

export class CellDragging {
  #cells: CellList;
  #selection: CellSelection;
  #changes: CellChanges;
  #drag: Drag | null = null;

  constructor(cells: CellList, selection: CellSelection, changes: CellChanges) {
    this.#cells = cells;
    this.#selection = selection;
    this.#changes = changes;
  }

  // Lifecycle

  start(): void {
    document.addEventListener("pointerdown", (event) => this.#pressed(event));
    document.addEventListener("pointermove", (event) => this.#moved(event));
    document.addEventListener("pointerup", (event) => this.#released(event));
    document.addEventListener("pointercancel", () => this.#end());
    document.addEventListener("keydown", (event) => this.#keyPressed(event), { capture: true });
  }

  // Private

  #pressed(event: PointerEvent): void {
    if (event.button !== 0 || event.shiftKey || event.ctrlKey || event.metaKey || !(event.target instanceof Element)) return;
    const handle = event.target.closest<HTMLElement>("[data-drag]");
    const element = handle?.closest<CellElement>("tandem-cell");
    // A finger on the number scrolls the page; the handle is there for it.
    if (!handle || !element || (event.pointerType === "touch" && handle.dataset["drag"] !== "handle")) return;
    const selected = this.#selection.elements;
    this.#drag = {
      elements: selected.includes(element) ? selected : [element],
      ...{ pointerId: event.pointerId, startX: event.clientX, startY: event.clientY, y: event.clientY },
      ...{ line: null, frame: 0 },
    };
  }

  #moved(event: PointerEvent): void {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointerId) return;
    drag.y = event.clientY;
    if (!drag.line && Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) < BEGINS_AFTER_PX) return;
    if (!drag.line) this.#begin(drag);
    event.preventDefault();
    this.#showPlace(drag);
  }

  #begin(drag: Drag): void {
    drag.line = fromTemplate("template-drop-line");
    document.body.append(drag.line);
    document.body.dataset["dragging"] = "cells";
    for (const element of drag.elements) element.toggleAttribute("data-dragged", true);
    document.getSelection()?.removeAllRanges();
    drag.frame = requestAnimationFrame(() => this.#scroll(drag));
  }

  #released(event: PointerEvent): void {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointerId) return;
    const place = drag.line ? this.#placeOf(drag) : null;
    this.#end();
    if (place === null || place === "same") return;
    void this.#changes.move(drag.elements, () => place.after);
    this.#selection.select(drag.elements);
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.#drag?.line) return;
    event.preventDefault();
    event.stopPropagation();
    this.#end();
  }

  #end(): void {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    cancelAnimationFrame(drag.frame);
    drag.line?.remove();
    delete document.body.dataset["dragging"];
    for (const element of drag.elements) element.toggleAttribute("data-dragged", false);
  }

  #placeOf({ elements, y }: Drag): { readonly after: string; readonly lineY: number } | "same" {
    const boxes = this.#cells.elements.map((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return { id: element.cell.id, top, bottom };
    });
    return dropPlace(boxes, new Set(elements.map((element) => element.cell.id)), y);
  }

  #showPlace(drag: Drag): void {
    const [place, first] = [this.#placeOf(drag), drag.elements[0]];
    if (!drag.line || !first) return;
    drag.line.hidden = place === "same";
    if (place === "same") return;
    const { left, width } = first.getBoundingClientRect();
    drag.line.style.translate = `${left}px ${place.lineY}px`;
    drag.line.style.width = `${width}px`;
  }

  /** While the pointer rests at an edge. */
  #scroll(drag: Drag): void {
    if (this.#drag !== drag) return;
    const [above, below] = [EDGE_PX - drag.y, drag.y - (innerHeight - EDGE_PX)];
    const nearness = Math.min(Math.max(above, below, 0) / EDGE_PX, 1);
    if (nearness > 0) {
      scrollBy(0, Math.ceil(nearness * FASTEST_PX) * (above > below ? -1 : 1));
      this.#showPlace(drag);
    }
    drag.frame = requestAnimationFrame(() => this.#scroll(drag));
  }
}
