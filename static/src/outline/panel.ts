// <tandem-outline>: the headings of the notebook, to go to; the one that is read now is marked. Its markup is
// templates/notebook/_outline.html.

import { find, fromTemplate } from "../dom";
import { Drawer } from "../panels/drawer";
import { type Heading, headingsOf } from "./headings";

type Cells = Parameters<typeof headingsOf>[0];

// A heading is being read from here on, below the top bar.
const READ_FROM_PX = 120;

export class OutlinePanel extends Drawer {
  #cells: () => Cells = () => [];
  #shown: readonly Heading[] = [];
  #frame = 0;

  // Lifecycle

  start(cells: () => Cells): void {
    this.#cells = cells;
    document.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  // Actions

  open(): void {
    this.show();
    this.follow();
    (this.querySelector<HTMLElement>("[aria-current]") ?? this.querySelector("a"))?.focus({ preventScroll: true });
  }

  /** The notebook may be another. */
  follow(): void {
    if (this.hidden) return;
    const headings = headingsOf(this.#cells());
    if (JSON.stringify(headings) !== JSON.stringify(this.#shown)) this.#draw(headings);
    this.#markCurrent();
  }

  // Private

  #draw(headings: readonly Heading[]): void {
    this.#shown = headings;
    const top = Math.min(...headings.map(({ level }) => level));
    find(this, "[data-part=list]").replaceChildren(...headings.map((heading) => rowOf(heading, heading.level - top)));
    find(this, "[data-part=none]").hidden = headings.length > 0;
  }

  #scrolled(): void {
    if (!this.hidden) this.#frame ||= requestAnimationFrame(() => ((this.#frame = 0), this.#markCurrent()));
  }

  /** The last one that is above what is read. */
  #markCurrent(): void {
    const rows = [...this.querySelectorAll<HTMLElement>("a[data-go-to]")];
    const isAbove = (row: HTMLElement): boolean => {
      const cell = document.getElementById(`cell-${row.dataset["goTo"] ?? ""}`);
      return cell !== null && cell.getBoundingClientRect().top <= READ_FROM_PX;
    };
    const current = rows.findLast(isAbove) ?? rows[0];
    for (const row of rows) row.ariaCurrent = row === current ? "true" : null;
  }
}

function rowOf({ cellId, text }: Heading, depth: number): HTMLElement {
  const row = fromTemplate("template-outline-row");
  const link = find<HTMLAnchorElement>(row, "a");
  link.href = `#cell-${cellId}`;
  link.dataset["goTo"] = cellId;
  link.textContent = text;
  row.style.setProperty("--depth", String(depth));
  return row;
}

customElements.define("tandem-outline", OutlinePanel);
