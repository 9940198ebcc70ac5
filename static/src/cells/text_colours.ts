// Colours the texts of the cells around those in view, the nearest first, while the page has nothing else to do. So
// they are coloured before they come into view, and where no editor opens because the page flies by. Cells that are
// far away again get plain: a notebook's worth of colours would be a hundred thousand elements.

import { type Grammar, type Language, loadedLanguage, loadLanguage } from "../editor/languages";

// Cells on each side of one in view, and how many more stay coloured.
const AROUND = 40;
const MOST = 200;
// What is left of an idle moment; a text takes about 1 ms, a long one 4.
const LEAST_MS = 4;

/** A cell, in document order with its siblings. */
export interface Colourable extends Element {
  /** Of a text that is to be coloured; null while there is nothing to do. */
  readonly plainLanguage: Language | null;
  colour(grammar: Grammar): void;
  fade(): void;
}

export class TextColours<Cell extends Colourable> {
  #isCell: (element: Element | null) => element is Cell;
  #centre: Cell | null = null;
  #coloured = new Set<Cell>();
  #asked = new Set<Language>();
  #idle = 0;

  constructor(isCell: (element: Element | null) => element is Cell) {
    this.#isCell = isCell;
  }

  /** The cell is in view, or nearly. */
  near(cell: Cell): void {
    this.#centre = cell;
  }

  /** Others are near, texts have changed or editors have closed. */
  wake(): void {
    if (this.#centre) this.#idle ||= requestIdleCallback((deadline) => this.#work(deadline));
  }

  // Private

  #work(deadline: IdleDeadline): void {
    this.#idle = 0;
    const around = this.#around();
    for (const cell of around) {
      if (deadline.timeRemaining() < LEAST_MS) return this.wake();
      this.#colour(cell);
    }
    if (this.#coloured.size > MOST) this.#fadeOthers(new Set(around));
  }

  /** The nearest first. */
  #around(): Cell[] {
    const cells: Cell[] = [];
    let above: Element | null = this.#centre;
    let below: Element | null = this.#centre;
    for (let distance = 0; distance <= AROUND; distance++) {
      if (this.#isCell(below)) cells.push(below);
      if (distance > 0 && this.#isCell(above)) cells.push(above);
      above = above?.previousElementSibling ?? null;
      below = below?.nextElementSibling ?? null;
    }
    return cells;
  }

  #colour(cell: Cell): void {
    const language = cell.plainLanguage;
    if (language === null) return;
    const grammar = loadedLanguage(language);
    if (!grammar) return this.#load(language);
    cell.colour(grammar);
    this.#coloured.add(cell);
  }

  /** Once: text without colours, if the grammar cannot be had, is still text. */
  #load(language: Language): void {
    if (this.#asked.has(language)) return;
    this.#asked.add(language);
    void loadLanguage(language).then(
      () => this.wake(),
      () => {},
    );
  }

  #fadeOthers(around: ReadonlySet<Cell>): void {
    for (const cell of this.#coloured) {
      if (around.has(cell)) continue;
      this.#coloured.delete(cell);
      cell.fade();
    }
  }
}
