// The list over the message box while something is being mentioned. The focus stays in the text.

import { fromTemplate, find } from "../dom";
import { type Meant, offersFor, type Query, queryAt } from "./mentions";

interface Mentioning {
  /** All that can be meant, where this has been typed. */
  meant(typed: string): readonly Meant[];
  chosen(meant: Meant): void;
}

export class Offers {
  #list: HTMLElement;
  #text: HTMLTextAreaElement;
  #mentioning: Mentioning;
  #query: Query | null = null;
  #offered: readonly Meant[] = [];
  #current = 0;
  /** Where somebody said that they mean nothing. */
  #dismissed = -1;

  constructor(list: HTMLElement, text: HTMLTextAreaElement, mentioning: Mentioning) {
    [this.#list, this.#text, this.#mentioning] = [list, text, mentioning];
    // Before the text loses the focus.
    list.addEventListener("mousedown", (event) => this.#pressed(event));
    text.addEventListener("blur", () => this.close());
  }

  get isOpen(): boolean {
    return !this.#list.hidden;
  }

  /** The text or the cursor is another. */
  refresh(): void {
    const { value, selectionStart, selectionEnd } = this.#text;
    const query = selectionStart === selectionEnd ? queryAt(value, selectionStart) : null;
    if (query?.start !== this.#dismissed) this.#dismissed = -1;
    this.#query = query && query.start !== this.#dismissed ? query : null;
    this.#offered = this.#query ? offersFor(this.#query.text, this.#mentioning.meant(this.#query.text)) : [];
    this.#current = 0;
    this.#show();
  }

  /** There is more, or less, that can be meant: where somebody is typing it. */
  renew(): void {
    if (!this.#query) return;
    const current = this.#offered[this.#current]?.name;
    this.refresh();
    this.#current = Math.max(0, this.#offered.findIndex(({ name }) => name === current));
    this.#show();
  }

  close(): void {
    this.#query = null;
    this.#offered = [];
    this.#show();
  }

  /** Whether the key was for the list. */
  keyPressed({ key }: KeyboardEvent): boolean {
    if (!this.isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step) {
      this.#current = (this.#current + step + this.#offered.length) % this.#offered.length;
      this.#show();
      return true;
    }
    if (key === "Escape") {
      this.#dismissed = this.#query?.start ?? -1;
      this.close();
      return true;
    }
    if (key !== "Enter" && key !== "Tab") return false;
    this.#choose(this.#current);
    return true;
  }

  // Private

  #show(): void {
    this.#list.hidden = this.#offered.length === 0;
    const rows = this.#offered.map(({ name, about }, index) => {
      const row = fromTemplate("template-offer");
      row.id = `assistant-offer-${index}`;
      row.ariaSelected = String(index === this.#current);
      find(row, "[data-part=name]").textContent = name;
      find(row, "[data-part=about]").textContent = about;
      return row;
    });
    this.#list.replaceChildren(...rows);
    this.#text.setAttribute("aria-activedescendant", rows[this.#current]?.id ?? "");
  }

  #pressed(event: MouseEvent): void {
    event.preventDefault();
    const row = (event.target as Element).closest("[role=option]");
    if (row) this.#choose([...this.#list.children].indexOf(row));
  }

  #choose(index: number): void {
    const meant = this.#offered[index];
    if (!meant || !this.#query) return;
    const { value, selectionStart } = this.#text;
    // A folder's name may go on with what is in it; chosen again, it is meant itself.
    const goesOn = meant.name.endsWith("/") && meant.name !== this.#query.text;
    const typed = `@${meant.name}${goesOn ? "" : " "}`;
    this.#text.value = value.slice(0, this.#query.start) + typed + value.slice(selectionStart);
    this.#text.selectionStart = this.#text.selectionEnd = this.#query.start + typed.length;
    this.#mentioning.chosen(meant);
    this.close();
    this.#text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
