// The line above the text of an SQL cell: what it asks, and what its result is called in the kernel.
// Its markup is in templates/notebook/_cell_tools.html.

import { find, fromTemplate } from "../dom";
import type { Source } from "../protocol/types";
import { SourceChoice } from "./source_choice";

export interface SqlHeadActions {
  /** The result gets a new name. */
  rename(name: string): void;
  /** The cell asks this database; null: dataframes and files. */
  connect(connectionId: string | null): void;
  /** The databases that there are to ask. */
  sources(): Promise<readonly Source[]>;
}

export class SqlHead {
  #element = fromTemplate("template-cell-sql");
  #name = "";
  #choice: SourceChoice;

  constructor(before: HTMLElement, { rename, connect, sources }: SqlHeadActions) {
    before.before(this.#element);
    this.#choice = new SourceChoice(find<HTMLSelectElement>(this.#element, "select"), connect, sources);
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

  show(resultName: string, connectionId: string | null): void {
    this.#name = resultName || "df";
    if (document.activeElement !== this.#input) this.#input.value = this.#name;
    this.#choice.show(connectionId);
  }

  remove(): void {
    this.#element.remove();
  }

  get #input(): HTMLInputElement {
    return find<HTMLInputElement>(this.#element, "input");
  }
}
