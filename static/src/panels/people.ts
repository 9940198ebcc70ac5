// <tandem-people>: who else has the notebook open. A click goes to the cell they are on (`go-to-cell`). Its markup is
// templates/notebook/_people.html.

import { emit, find } from "../dom";
import { avatar } from "../presence/avatar";
import type { Person } from "../presence/present";

export const GO_TO_CELL = "go-to-cell";

const MOST = 5;

export class People extends HTMLElement {
  #shown = "";

  /** `place` says where a cell is, as in "in cell 3". */
  show(people: readonly Person[], place: (cellId: string) => string): void {
    const described = people.map((person) => ({ ...person, description: describe(person, place) }));
    // The same people are told of again and again; whoever has the focus on one of them is to keep it.
    const shown = JSON.stringify(described);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = this.#buttons.findIndex((button) => button === document.activeElement);
    find(this, "[data-part=list]").replaceChildren(...described.slice(0, MOST).map((person) => this.#item(person)));
    this.#buttons[focused]?.focus();
    const more = described.slice(MOST);
    const note = find(this, "[data-part=more]");
    note.hidden = more.length === 0;
    note.textContent = `+${more.length}`;
    note.title = more.map((person) => person.description).join("\n");
  }

  // Private

  get #buttons(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("button")];
  }

  #item({ label, cell_id, description }: Person & { readonly description: string }): HTMLElement {
    const item = avatar("person", label, description);
    item.addEventListener("click", () => {
      if (cell_id !== null) emit(this, GO_TO_CELL, cell_id);
    });
    return item;
  }
}

function describe({ label, cell_id }: Person, place: (cellId: string) => string): string {
  return cell_id === null ? label : `${label}, ${place(cell_id)}`;
}

customElements.define("tandem-people", People);
