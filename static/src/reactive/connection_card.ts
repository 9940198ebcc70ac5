// <tandem-connections popover>: what a cell reads and from where, what it writes and who reads that. It opens over the
// button on the cell's upper edge when that is pointed at or gets the focus, and closes when both are left. Its markup
// is templates/notebook/_connections.html.

import { Alarm } from "../alarm";
import { cellLink } from "../cells/cell_link";
import { nameOf, type Numbers } from "../cells/numbers";
import { find, fromTemplate } from "../dom";
import type { Dependencies } from "../protocol/dependencies";
import { type Index, sharedNames, type WrittenName, writtenBy } from "./connections";

// A pointer that only passes by opens nothing, and one on its way to the card does not close it.
const OPEN_MS = 150;
const CLOSE_MS = 250;

/** What the card is made from. */
export interface Known {
  readonly dependencies: Dependencies;
  readonly index: Index;
  readonly numbers: Numbers;
}

export class ConnectionCard extends HTMLElement {
  #look: () => Known = () => {
    throw new Error("The card was not started yet.");
  };
  #opener: HTMLElement | null = null;
  #opening = new Alarm(() => this.#open());
  #closing = new Alarm(() => this.close());

  // Lifecycle

  connectedCallback(): void {
    this.onpointerenter = () => this.#closing.cancel();
    this.onpointerleave = () => this.#leave();
    this.addEventListener("focusout", () => this.#leave());
    this.addEventListener("focusin", () => this.#closing.cancel());
    this.onkeydown = (event) => {
      if (event.key === "Escape") this.#giveBack();
    };
    this.onclick = (event) => {
      if ((event.target as Element).closest("[data-go-to]")) this.close();
    };
  }

  start(look: () => Known): void {
    this.#look = look;
  }

  // Actions

  /** For the buttons of all cells. */
  watch(opener: HTMLElement): void {
    opener.onpointerenter = (event) => {
      if (event.pointerType !== "touch") this.#approach(opener, OPEN_MS);
    };
    opener.onpointerleave = () => this.#leave();
    opener.onfocus = () => this.#approach(opener, 0);
    opener.onblur = () => this.#leave();
    opener.onclick = () => this.#approach(opener, 0);
    opener.onkeydown = (event) => {
      if (event.key === "Escape") this.close();
    };
  }

  /** If it is open, with what is known now; but nothing goes from under somebody's focus. */
  refresh(): void {
    if (this.matches(":popover-open") && !this.contains(document.activeElement)) this.#show();
  }

  close(): void {
    this.#opening.cancel();
    this.#closing.cancel();
    this.hidePopover();
  }

  // Private

  #approach(opener: HTMLElement, delayMs: number): void {
    this.#closing.cancel();
    if (this.#opener === opener && this.matches(":popover-open")) return;
    this.#opener = opener;
    this.#opening.cancel();
    this.#opening.within(delayMs);
  }

  #leave(): void {
    this.#opening.cancel();
    const { activeElement } = document;
    if (activeElement === this.#opener || this.contains(activeElement)) return;
    this.#closing.within(CLOSE_MS);
  }

  #giveBack(): void {
    this.#opener?.focus({ preventScroll: true });
    this.close();
  }

  #open(): void {
    if (!this.#opener?.isConnected) return;
    this.hidePopover();
    this.#show();
    this.showPopover({ source: this.#opener });
  }

  #show(): void {
    const cellId = this.#opener?.closest<HTMLElement>("tandem-cell")?.dataset["cellId"] ?? "";
    const { dependencies, index, numbers } = this.#look();
    const known = dependencies.cells.get(cellId);
    const reads = Object.entries(known?.reads ?? {});
    const writes = writtenBy(cellId, dependencies, index);
    find(this, "[data-part=cell]").textContent = nameOf(cellId, numbers);
    this.#fill("reads", reads.map(([name, from]) => row(name, "from", [from], numbers)));
    this.#fill("writes", writes.map((written) => writtenRow(written, numbers)));
    this.#fill("shared", sharedNames(index).map(([name, ids]) => row(name, "by", ids, numbers)));
    find(this, "[data-part=nothing]").hidden = reads.length + writes.length > 0;
  }

  #fill(part: string, rows: readonly HTMLElement[]): void {
    const section = find(this, `[data-part=${part}]`);
    section.hidden = rows.length === 0;
    find(section, "ul").replaceChildren(...rows);
    const count = section.querySelector("[data-part=count]");
    if (count) count.textContent = String(rows.length);
  }
}

/** "x from cell 3". */
function row(name: string, word: string, cellIds: readonly string[], numbers: Numbers): HTMLElement {
  const element = fromTemplate("template-connection");
  find(element, "[data-part=name]").textContent = name;
  find(element, "[data-part=cells]").append(...links(word, cellIds, numbers));
  return element;
}

function writtenRow({ name, readers, others }: WrittenName, numbers: Numbers): HTMLElement {
  const element = row(name, "read by", readers, numbers);
  if (others.length === 0) return element;
  const cells = find(element, "[data-part=cells]");
  cells.append(readers.length > 0 ? "; " : "", ...links("also written by", others, numbers));
  return element;
}

function links(word: string, cellIds: readonly string[], numbers: Numbers): (HTMLElement | string)[] {
  return cellIds.flatMap((id, index) => [index === 0 ? `${word} ` : ", ", cellLink(id, numbers)]);
}

customElements.define("tandem-connections", ConnectionCard);
