// What of a cell is folded away: its text, its outputs, or what is too long of its outputs, which then scroll in a box.
// The first two, and the box if somebody asked for it, are the notebook's; that long outputs begin in a box is not.

import { find, fromTemplate } from "../dom";
import type { Cell } from "../protocol/types";
import { displayOf } from "./display";
import { firstLine } from "./wording";

// Higher than this, outputs begin in a box. It is about two windows.
const TALL_PX = 1600;

export class CellFolds {
  #cell: HTMLElement;
  #outputs: HTMLElement;
  #showsAll = false;
  #isScrolled = false;
  #frame = 0;
  #observer = new ResizeObserver(() => this.#measureSoon());

  constructor(cell: HTMLElement, outputs: HTMLElement) {
    this.#cell = cell;
    this.#outputs = outputs;
    this.#observer.observe(outputs);
  }

  stop(): void {
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  show(cell: Cell, before: Cell | null): void {
    if (before?.cell_run_id !== cell.cell_run_id) this.#showsAll = false;
    const display = displayOf(cell.metadata);
    this.#isScrolled = display.is_scrolled;
    this.#fold("source", display.is_source_hidden, "template-folded-source", firstLine(cell.source));
    this.#fold("outputs", display.are_outputs_hidden && cell.outputs.length > 0, "template-folded-outputs", "");
    if (display.is_scrolled) this.#setBox(true);
    // To measure is to lay out at once, which would be at every key and for each cell that comes into view.
    else if (before && (before.outputs !== cell.outputs || before.metadata !== cell.metadata)) this.#measure();
  }

  /** Out of the box. */
  showAll(): void {
    this.#showsAll = true;
    this.#setBox(false);
  }

  // Private

  #fold(part: "source" | "outputs", isHidden: boolean, template: string, text: string): void {
    this.#cell.toggleAttribute(`data-${part}-hidden`, isHidden);
    let folded = this.#cell.querySelector<HTMLElement>(`[data-folded=${part}]`);
    if (!isHidden) return folded?.remove();
    if (!folded) {
      folded = fromTemplate(template);
      if (part === "source") find(this.#cell, "[data-part=main]").append(folded);
      else this.#outputs.after(folded);
    }
    find(folded, "[data-part=text]").textContent = text;
  }

  /** Not while the browser tells of sizes: a box changes them. */
  #measureSoon(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#measure();
    });
  }

  #measure(): void {
    if (this.#isScrolled) return;
    this.#setBox(!this.#showsAll && this.#outputs.scrollHeight > TALL_PX);
  }

  #setBox(isBox: boolean): void {
    if (this.#cell.hasAttribute("data-scrolled") === isBox) return;
    this.#cell.toggleAttribute("data-scrolled", isBox);
    this.#cell.querySelector("[data-folded=rest]")?.remove();
    if (isBox) this.#outputs.after(fromTemplate("template-folded-rest"));
    // A box that is scrolled can be reached with the keyboard.
    this.#outputs.tabIndex = isBox ? 0 : -1;
    if (!isBox) this.#outputs.removeAttribute("tabindex");
  }
}
