// <tandem-history>: the drawer at the right with three views: the history of a cell, the notebook's checkpoints, its
// deleted cells.

import { find } from "../dom";
import { Drawer } from "../panels/drawer";
import type { State } from "../protocol/state";
import type { Cell } from "../protocol/types";
import "./ago";
import type { HistoryView } from "./asking";
import "./checkpoint";
import "./checkpoints";
import "./comparison";
import "./deleted_cells";
import type { HistoryServices } from "./services";
import "./timeline";
import type { Timeline } from "./timeline";
import "./version";

export class HistoryPanel extends Drawer {
  // Lifecycle

  override connectedCallback(): void {
    super.connectedCallback();
    this.onclick = (event) => this.#clicked(event);
    this.onkeydown = (event) => this.#keyPressed(event);
  }

  // Actions

  start(services: HistoryServices): void {
    for (const tab of this.#tabs) this.#viewOf(tab).start(services);
  }

  showCell(cell: Cell): void {
    const timeline = find<Timeline>(this, "tandem-timeline");
    timeline.showCell(cell);
    this.#open(this.#tabOf(timeline));
  }

  showNotebook(): void {
    this.#open(this.#tabOf(find(this, "tandem-checkpoints")));
  }

  /** ... where a new checkpoint can be named. */
  nameCheckpoint(): void {
    this.showNotebook();
    find(this, "tandem-checkpoints input").focus();
  }

  showDeleted(): void {
    this.#open(this.#tabOf(find(this, "tandem-deleted-cells")));
  }

  /** The notebook is another one: what is in view follows it. */
  follow(state: State): void {
    if (!this.hidden) this.#viewOf(this.#chosen).follow(state);
  }

  /** After a time without a connection. */
  refresh(): void {
    if (!this.hidden) this.#viewOf(this.#chosen).refresh();
  }

  // Private

  get #tabs(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[role=tab]")];
  }

  get #chosen(): HTMLElement {
    return find(this, "[role=tab][aria-selected=true]");
  }

  #viewOf(tab: HTMLElement): HistoryView {
    return find<HistoryView>(this, `#${tab.getAttribute("aria-controls")}`);
  }

  #tabOf(view: HTMLElement): HTMLElement {
    return find(this, `[role=tab][aria-controls=${view.id}]`);
  }

  #open(tab: HTMLElement): void {
    this.show();
    tab.hidden = false;
    this.#choose(tab);
  }

  #choose(chosen: HTMLElement): void {
    for (const tab of this.#tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      this.#viewOf(tab).hidden = tab !== chosen;
    }
    chosen.focus();
    this.#viewOf(chosen).refresh();
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const tab = target.closest<HTMLElement>("[role=tab]");
    if (tab) this.#choose(tab);
  }

  #keyPressed(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !(event.target as Element).matches("[role=tab]")) return;
    // That of the cell is hidden until one was chosen.
    const tabs = this.#tabs.filter((tab) => !tab.hidden);
    const next = tabs.at((tabs.indexOf(this.#chosen) + step) % tabs.length);
    if (next) this.#choose(next);
  }
}

customElements.define("tandem-history", HistoryPanel);
