// <tandem-title>: the notebook's title, which heads the page for screen readers too; editors rename it by typing over it. Dispatches `rename` with the title.

import { emit, find } from "../dom";

export const RENAME = "rename";

export class TitleField extends HTMLElement {
  #title = "";

  // Lifecycle

  connectedCallback(): void {
    this.#title = this.#input.value;
    this.#input.addEventListener("change", () => this.#commit());
    this.#input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#input.value = this.#title;
      if (event.key === "Escape" || event.key === "Enter") this.#input.blur();
    });
  }

  // Actions

  show(title: string): void {
    if (title === this.#title) return;
    this.#title = title;
    // Whoever is typing a title goes on typing it.
    if (document.activeElement !== this.#input) this.#input.value = title;
    find(document, "#notebook-heading").textContent = title;
    document.title = `${title} · Tandem`;
  }

  // Private

  get #input(): HTMLInputElement {
    return find<HTMLInputElement>(this, "input");
  }

  #commit(): void {
    const title = this.#input.value.trim();
    if (title === "") this.#input.value = this.#title;
    else if (title !== this.#title) emit(this, RENAME, title);
  }
}

customElements.define("tandem-title", TitleField);
