// The line above the text of an SQL cell: what it asks, and what its result is called in the kernel.
// Its markup is in templates/notebook/_cell_tools.html.

import { find, fromTemplate } from "../dom";

export class SqlHead {
  #element = fromTemplate("template-cell-sql");
  #name = "";

  /** `rename` gets the new name of the result. */
  constructor(before: HTMLElement, rename: (name: string) => void) {
    before.before(this.#element);
    const input = this.#input;
    input.onchange = () => {
      const name = input.value.trim();
      // The server's answer shows the new one.
      input.value = this.#name;
      if (name && name !== this.#name) rename(name);
    };
    input.onkeydown = ({ key }) => {
      if (key === "Escape") input.value = this.#name;
      if (key === "Escape" || key === "Enter") input.blur();
    };
  }

  show(resultName: string): void {
    this.#name = resultName || "df";
    if (document.activeElement !== this.#input) this.#input.value = this.#name;
  }

  remove(): void {
    this.#element.remove();
  }

  get #input(): HTMLInputElement {
    return find<HTMLInputElement>(this.#element, "input");
  }
}
