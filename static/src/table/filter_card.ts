// The card under a column's head: how to sort and filter by it. Its markup is in templates/notebook/_table.html.

import { find } from "../dom";
import type { Column } from "./content";
import { type Filter, needsValue, operationsOf, type Sort, type View } from "./view";

export interface FilterChoice {
  readonly column: number;
  readonly sort?: Sort | null;
  readonly filter?: Filter | null;
}

const HINTS: Readonly<Record<string, string>> = {
  number: "A number",
  time: "Like 2026-11 or 2026-11-22 08:30",
  bool: "true or false",
};

export class FilterCard {
  #card: HTMLFormElement;
  #choose: (choice: FilterChoice) => void;
  #column = 0;

  constructor(card: HTMLFormElement, choose: (choice: FilterChoice) => void) {
    this.#card = card;
    this.#choose = choose;
    card.addEventListener("submit", (event) => this.#submitted(event));
    card.addEventListener("click", (event) => this.#clicked(event));
    this.#operation.addEventListener("change", () => this.#showValue());
    // Keys typed here are not the grid's, nor the cell's.
    card.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  }

  // Actions

  open(column: number, about: Column, view: View, opener: HTMLElement): void {
    this.#column = column;
    const filter = view.filters.find((each) => each.column === column);
    find(this.#card, "[data-part=name]").textContent = about.name || "this column";
    this.#operation.replaceChildren(...operationsOf(about).map(([value, name]) => new Option(name, value)));
    this.#operation.value = filter?.operation ?? this.#operation.options[0]?.value ?? "";
    this.#value.value = filter?.value ?? "";
    this.#value.placeholder = HINTS[about.kind] ?? "Text";
    find(this.#card, "[data-part=clear]").hidden = !filter;
    this.#showValue();
    this.#card.showPopover({ source: opener });
    (this.#value.hidden ? this.#operation : this.#value).focus();
  }

  // Private

  get #operation(): HTMLSelectElement {
    return find<HTMLSelectElement>(this.#card, "select");
  }

  get #value(): HTMLInputElement {
    return find<HTMLInputElement>(this.#card, "input");
  }

  #showValue(): void {
    this.#value.hidden = !needsValue(this.#operation.value);
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    const operation = this.#operation.value;
    const value = needsValue(operation) ? this.#value.value : "";
    this.#finish({ column: this.#column, filter: { column: this.#column, operation, value } });
  }

  #clicked({ target }: MouseEvent): void {
    const part = (target as Element).closest<HTMLElement>("button")?.dataset["part"];
    const column = this.#column;
    if (part === "clear") this.#finish({ column, filter: null });
    if (part === "up") this.#finish({ column, sort: { column, is_descending: false } });
    if (part === "down") this.#finish({ column, sort: { column, is_descending: true } });
  }

  #finish(choice: FilterChoice): void {
    this.#card.hidePopover();
    this.#choose(choice);
  }
}
