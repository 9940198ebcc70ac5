// Reactive runs on the page: shows on each cell what its dependencies say of it, and for the cell that is pointed at
// or has the focus, how it is connected. It draws what has changed and nothing else, because it is asked once a frame.

import type { CellElement } from "../cells/cell";
import type { CellList } from "../cells/cell_list";
import { type Numbers, numbersOf } from "../cells/numbers";
import { find } from "../dom";
import type { NotebookClient } from "../protocol/client";
import type { Dependencies } from "../protocol/dependencies";
import type { Cell, CellDependencies } from "../protocol/types";
import "./connection_card";
import type { ConnectionCard, Known } from "./connection_card";
import { indexOf, relativesOf } from "./connections";
import { factsOf } from "./facts";
import "./minimap";
import type { Minimap } from "./minimap";
import { noticesOf } from "./notices";

/** What the notices of a cell were made from. */
interface Ground {
  readonly cell: Cell;
  readonly dependencies: CellDependencies | undefined;
}

export class Reactive {
  #client: NotebookClient;
  #cells: CellList;
  #card = find<ConnectionCard>(document, "tandem-connections");
  #minimap = find<Minimap>(document, "tandem-minimap");
  #numbers: Numbers = new Map();
  #cycles = "";
  #grounds = new Map<string, Ground>();
  #known: Known | null = null;
  #hovered: CellElement | null = null;
  #focused: CellElement | null = null;

  constructor(client: NotebookClient, cells: CellList) {
    this.#client = client;
    this.#cells = cells;
  }

  // Lifecycle

  start(): void {
    this.#card.start(() => this.known);
    document.addEventListener("pointerover", ({ target }) => {
      if (!isOnCard(target)) this.#look(cellAround(target), this.#focused);
    });
    document.addEventListener("focusin", ({ target }) => {
      if (!isOnCard(target)) this.#look(this.#hovered, cellAround(target));
    });
  }

  // Actions

  get numbers(): Numbers {
    return this.#numbers;
  }

  /** The connections as they are; worked out when somebody looks. */
  get known(): Known {
    const { dependencies } = this.#client;
    if (this.#known?.dependencies !== dependencies || this.#known.numbers !== this.#numbers) {
      this.#known = { dependencies, numbers: this.#numbers, index: indexOf(dependencies, this.#numbers) };
    }
    return this.#known;
  }

  /** The notebook or its dependencies are others. */
  show(): void {
    const { dependencies, state } = this.#client;
    this.#forgetIfAllMayDiffer(dependencies);
    for (const cell of state.notebook.cells) this.#showCell(cell, dependencies);
    if (!this.#known || this.#known === this.known) return;
    this.#showLookedAt();
    this.#card.refresh();
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
    const element = this.#cells.find(cell.id);
    if (!element) return; // of a long notebook it is still to come
    this.#grounds.set(cell.id, ground);
    element.showNotices(noticesOf(cell, all), this.#numbers);
  }

  #look(hovered: CellElement | null, focused: CellElement | null): void {
    if (hovered === this.#hovered && focused === this.#focused) return;
    this.#hovered = hovered;
    this.#focused = focused;
    this.#showLookedAt();
    // While nobody looks, changes need not be worked out.
    if (!hovered && !focused) this.#known = null;
  }

  #showLookedAt(): void {
    for (const element of new Set([this.#focused, this.#hovered])) this.#showFacts(element);
    const cellId = (this.#hovered ?? this.#focused)?.dataset["cellId"];
    this.#minimap.show(cellId === undefined ? null : { cellId, relatives: relativesOf(cellId, this.known.index) });
  }

  #showFacts(element: CellElement | null): void {
    const button = element?.facts;
    if (!element || !button) return;
    const dependencies = this.known.dependencies.cells.get(element.dataset["cellId"] ?? "");
    button.hidden = !dependencies;
    find(button, "[data-part=label]").textContent = dependencies ? factsOf(dependencies) : "";
    this.#card.watch(button);
  }
}

/** Cards over a cell belong to it. */
function isOnCard(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[popover]") !== null;
}

function cellAround(target: EventTarget | null): CellElement | null {
  return target instanceof Element ? target.closest<CellElement>("tandem-cell") : null;
}
