// <tandem-cell-menu>: the less usual things to do with a cell. One for all cells: it acts for the one that opened it.
// Its markup is templates/notebook/_cell_menu.html.

import { emit, find } from "../dom";
import { Menu } from "../panels/menu";
import { CELL_ACTION, type CellAction } from "./actions";
import type { CellElement } from "./cell";
import { isRunnable } from "./kinds";

export class CellMenu extends Menu {
  #element: CellElement | null = null;
  #opener: HTMLElement | null = null;

  // Lifecycle

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("click", (event) => this.#chosen(event));
  }

  // Actions

  openFor(element: CellElement, opener: HTMLElement): void {
    const { is_disabled, kind } = element.cell;
    this.#element = element;
    this.#opener = opener;
    const canRun = isRunnable(kind);
    find(this, "[data-command=format]").hidden = kind !== "python";
    find(this, "[data-choice=plan]").hidden = !canRun;
    find(this, "[data-choice=disable]").hidden = !canRun || is_disabled;
    find(this, "[data-choice=enable]").hidden = !canRun || !is_disabled;
    this.open(opener);
  }

  // Private

  #chosen(event: MouseEvent): void {
    const choice = (event.target as Element).closest<HTMLElement>("[data-choice]")?.dataset["choice"];
    if (choice && this.#element) emit(this.#element, CELL_ACTION, this.#actionOf(choice));
  }

  #actionOf(choice: string): CellAction {
    switch (choice) {
      case "above":
      case "below":
        return { type: "run_around", scope: choice };
      case "instruct":
      case "explain":
        return { type: choice };
      case "plan":
        return { type: "plan", opener: this.#opener as HTMLElement };
      default:
        return { type: choice as "disable" | "enable" };
    }
  }
}

customElements.define("tandem-cell-menu", CellMenu);
