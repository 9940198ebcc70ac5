// Reactive runs on the page: shows on each cell what its dependencies say of it. It draws what has changed and nothing
// else, because it is asked once a frame.

import type { CellList } from "../cells/cell_list";
import { type Numbers, numbersOf } from "../cells/numbers";
import type { NotebookClient } from "../protocol/client";
import type { Dependencies } from "../protocol/dependencies";
import type { Cell, CellDependencies } from "../protocol/types";
import { noticesOf } from "./notices";

/** What the notices of a cell were made from. */
interface Ground {
  readonly cell: Cell;
  readonly dependencies: CellDependencies | undefined;
}

export class Reactive {
  #client: NotebookClient;
  #cells: CellList;
  #numbers: Numbers = new Map();
  #cycles = "";
  #grounds = new Map<string, Ground>();

  constructor(client: NotebookClient, cells: CellList) {
    this.#client = client;
    this.#cells = cells;
  }

  // Actions

  get numbers(): Numbers {
    return this.#numbers;
  }

  /** The notebook or its dependencies are others. */
  show(): void {
    const { dependencies, state } = this.#client;
    this.#forgetIfAllMayDiffer(dependencies);
    for (const cell of state.notebook.cells) this.#showCell(cell, dependencies);
  }

  // Private

  /** Notices name other cells by their numbers, and cycles are told on several cells. */
  #forgetIfAllMayDiffer({ cycles }: Dependencies): void {
    const numbers = numbersOf(this.#client.state.notebook.cells, this.#numbers);
    const shownCycles = JSON.stringify(cycles);
    if (numbers === this.#numbers && shownCycles === this.#cycles) return;
    this.#numbers = numbers;
    this.#cycles = shownCycles;
    this.#grounds.clear();
  }

  #showCell(cell: Cell, all: Dependencies): void {
    const ground = { cell, dependencies: all.cells.get(cell.id) };
    const before = this.#grounds.get(cell.id);
    if (before?.cell === cell && before.dependencies === ground.dependencies) return;
    this.#grounds.set(cell.id, ground);
    this.#cells.find(cell.id)?.showNotices(noticesOf(cell, all), this.#numbers);
  }
}
