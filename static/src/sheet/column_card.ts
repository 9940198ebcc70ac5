// The card under the head of a column: its name, its type, and columns beside it. Its markup is in
// templates/notebook/_sheet.html.

import { find } from "../dom";
import type { ColumnType, SheetColumn } from "./sheet_text";

export type ColumnAction = "left" | "right" | "delete";

export interface ColumnCardActions {
  change(place: number, column: SheetColumn): void;
  /** Insert beside it, or delete it. */
  act(place: number, action: ColumnAction): void;
}

export class ColumnCard {
  #card: HTMLFormElement;
  #actions: ColumnCardActions;
  #place = 0;
  #columns: readonly SheetColumn[] = [];

  constructor(card: HTMLFormElement, actions: ColumnCardActions) {
    this.#card = card;
    this.#actions = actions;
    card.addEventListener("submit", (event) => this.#submitted(event));
    card.addEventListener("click", (event) => this.#clicked(event));
    this.#name.addEventListener("input", () => this.#name.setCustomValidity(""));
    // Keys typed here are not the grid's, nor the cell's.
    card.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  }

  open(place: number, columns: readonly SheetColumn[], opener: HTMLElement): void {
    this.#place = place;
    this.#columns = columns;
    this.#name.value = columns[place]?.name ?? "";
    this.#name.setCustomValidity("");
    this.#type.value = columns[place]?.type ?? "text";
    find<HTMLButtonElement>(this.#card, "[data-choice=delete]").disabled = columns.length === 1;
    this.#card.showPopover({ source: opener });
    this.#name.select();
  }

  // Private

  get #name(): HTMLInputElement {
    return find<HTMLInputElement>(this.#card, "input");
  }

  get #type(): HTMLSelectElement {
    return find<HTMLSelectElement>(this.#card, "select");
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    const name = this.#name.value.trim();
    const isTaken = this.#columns.some((column, place) => column.name === name && place !== this.#place);
    if (!name || isTaken) {
      this.#name.setCustomValidity(name ? "Another column has this name." : "A column needs a name.");
      this.#name.reportValidity();
      return;
    }
    this.#card.hidePopover();
    this.#actions.change(this.#place, { name, type: this.#type.value as ColumnType });
  }

  #clicked({ target }: MouseEvent): void {
    const action = (target as Element).closest<HTMLElement>("[data-choice]")?.dataset["choice"];
    if (!action) return;
    this.#card.hidePopover();
    this.#actions.act(this.#place, action as ColumnAction);
  }
}
