// <tandem-run-bar>: what runs, in the top bar: how many cells are stale, and what a run takes along. Its markup is
// templates/notebook/_run_bar.html; the buttons are commands of the page.

import { find } from "../dom";
import type { RunMode } from "../protocol/types";

const LABELS: Readonly<Record<RunMode, string>> = { auto: "Automatic", lazy: "Lazy" };

const HINTS: Readonly<Record<RunMode, string>> = {
  auto: "Running a cell also runs the cells that use its results.",
  lazy: "Running a cell marks the cells that use its results as stale. They run when you say so.",
};

export class RunBar extends HTMLElement {
  #shown = "";

  show(staleCells: number, mode: RunMode): void {
    const shown = `${staleCells} ${mode}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#showMode(mode);
    const stale = this.querySelector<HTMLElement>("[data-command=run-stale]");
    if (!stale) return;
    stale.hidden = staleCells === 0;
    find(stale, "[data-part=count]").textContent = String(staleCells);
  }

  // Private

  #showMode(mode: RunMode): void {
    const button = find(this, "[data-part=mode]");
    button.dataset["mode"] = mode;
    button.title = `${LABELS[mode]}: ${HINTS[mode]}`;
    find(button, "[data-part=label]").textContent = LABELS[mode];
    for (const item of this.querySelectorAll<HTMLElement>("[role=menuitemradio]")) {
      item.ariaChecked = String(item.dataset["mode"] === mode);
    }
  }
}

customElements.define("tandem-run-bar", RunBar);
