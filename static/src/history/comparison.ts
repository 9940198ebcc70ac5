// <tandem-comparison>: two texts and what differs between them; side by side where there is room. It is made when it
// comes into view: a checkpoint can differ in hundreds of cells.

import { find } from "../dom";
import type { Compared, Merged } from "./merge_view";

export interface Labelled extends Compared {
  readonly beforeLabel: string;
  readonly afterLabel: string;
}

const NARROW = matchMedia("(width < 48rem)");
/** Two columns in less are words below each other. */
const TWO_COLUMNS_PX = 448;
const READY_AHEAD = "400px";

export class Comparison extends HTMLElement {
  #compared: Labelled | null = null;
  #isCollapsed = true;
  #merged: Merged | null = null;
  #drawn = 0;
  #stop = new AbortController();
  #visibility = new IntersectionObserver((entries) => this.#seen(entries), { scrollMargin: READY_AHEAD });

  // Lifecycle

  connectedCallback(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    NARROW.addEventListener("change", () => this.#merged && void this.#draw(), { signal });
    this.#expand.addEventListener("click", () => this.#showAll(), { signal });
    if (this.#compared) this.#visibility.observe(this);
  }

  disconnectedCallback(): void {
    this.#stop.abort();
    this.#visibility.disconnect();
    this.#letGo();
  }

  // Actions

  show(compared: Labelled): void {
    const old = this.#compared;
    this.#compared = compared;
    find(this, "[data-part=before]").textContent = compared.beforeLabel;
    find(this, "[data-part=after]").textContent = compared.afterLabel;
    if (old?.before === compared.before && old.after === compared.after) return;
    this.#isCollapsed = true;
    if (this.#merged) void this.#draw();
    else this.#visibility.observe(this);
  }

  // Private

  get #expand(): HTMLButtonElement {
    return find<HTMLButtonElement>(this, "[data-part=expand]");
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    this.#visibility.disconnect();
    void this.#draw();
  }

  #showAll(): void {
    this.#isCollapsed = false;
    void this.#draw();
  }

  async #draw(): Promise<void> {
    if (!this.#compared) return;
    const drawn = ++this.#drawn;
    const { before, after } = this.#compared;
    const isSame = before === after;
    const isNarrow = NARROW.matches || this.clientWidth < TWO_COLUMNS_PX;
    const columns = isSame || before === "" || after === "" || isNarrow ? 1 : 2;
    this.dataset["columns"] = String(columns);
    this.dataset["same"] = String(isSame);
    this.dataset["whole"] = String(before === "" || after === "");
    try {
      const { mergeView } = await import("./merge_view");
      const merged = await mergeView(this.#compared, { columns, collapsed: this.#isCollapsed && !isSame });
      if (drawn === this.#drawn) this.#put(merged);
      else merged.destroy();
    } catch {
      find(this, "[data-part=texts]").textContent = "This part of the page could not be loaded. Reload the page.";
    }
  }

  #put(merged: Merged): void {
    this.#merged?.destroy();
    this.#merged = merged;
    find(this, "[data-part=texts]").replaceChildren(merged.dom);
    this.#expand.hidden = !this.querySelector(".cm-collapsedLines");
  }

  #letGo(): void {
    this.#drawn++;
    this.#merged?.destroy();
    this.#merged = null;
    find(this, "[data-part=texts]").replaceChildren();
  }
}

customElements.define("tandem-comparison", Comparison);
