// Which cells are selected: the active one, which has the focus or had it last, and others with it. Whoever puts the
// focus on another cell selects that one alone; Shift and Ctrl add to what is selected.

import type { CellElement } from "./cell";
import type { CellList } from "./cell_list";
import { between } from "./order";

export class CellSelection {
  #cells: CellList;
  /** Told how many are selected when that is more than one, or was. */
  #announce: (count: number) => void;
  #activeId = "";
  /** Where a range begins. */
  #anchorId = "";
  #selected = new Set<string>();
  /** The focus moves because more is selected. */
  #isExtending = false;

  constructor(cells: CellList, announce: (count: number) => void) {
    this.#cells = cells;
    this.#announce = announce;
  }

  // Lifecycle

  start(): void {
    document.addEventListener("focusin", ({ target }) => this.#focusCame(target));
    document.addEventListener("mousedown", (event) => this.#pressed(event), { capture: true });
  }

  // Actions

  get active(): CellElement | undefined {
    return this.#cells.find(this.#activeId);
  }

  /** In document order; the active one at least, if there is one. */
  get elements(): CellElement[] {
    if (!this.active) return [];
    if (this.#selected.size <= 1) return [this.active];
    return this.#cells.elements.filter((element) => this.#selected.has(element.cell.id));
  }

  get isMany(): boolean {
    return this.#selected.size > 1;
  }

  /** Everything up to the neighbour of the active cell. */
  extend(direction: "up" | "down" | "top" | "bottom"): void {
    const elements = direction === "bottom" ? this.#cells.all : this.#cells.elements;
    const active = this.active;
    if (!active) return;
    const next =
      direction === "top" ? elements[0] : direction === "bottom" ? elements.at(-1) : this.#cells.neighbour(active, direction);
    if (next) this.#extendTo(next);
  }

  selectAll(): void {
    const ids = this.#cells.all.map((element) => element.cell.id);
    this.#activeId ||= ids[0] ?? "";
    this.#anchorId = ids[0] ?? "";
    this.#set(ids);
    this.active?.select();
  }

  /** The active cell alone. */
  collapse(): void {
    this.#set(this.#activeId ? [this.#activeId] : []);
    this.#anchorId = this.#activeId;
  }

  /** These, of which the first is active. */
  select(elements: readonly CellElement[]): void {
    const [first] = elements;
    if (!first) return;
    this.#focus(first);
    this.#anchorId = first.cell.id;
    this.#set(elements.map((element) => element.cell.id));
  }

  /** Cells came or went. */
  show(): void {
    const left = [...this.#selected].filter((id) => this.#cells.find(id));
    if (left.length !== this.#selected.size) this.#set(left);
  }

  // Private

  #focusCame(target: EventTarget | null): void {
    if (this.#isExtending || !(target instanceof Element)) return;
    const element = target.closest<CellElement>("tandem-cell");
    if (!element) return;
    const isSame = element.dataset["cellId"] === this.#activeId;
    // In its text one cell is edited, and on its own tools many may stay selected.
    if (isSame && this.#selected.has(this.#activeId) && !target.closest(".cm-content")) return;
    this.#activeId = element.dataset["cellId"] ?? "";
    this.collapse();
  }

  /** Shift selects up to the cell; Ctrl, where it is not about the text, adds it or takes it out. */
  #pressed(event: MouseEvent): void {
    if (event.button !== 0 || !(event.target instanceof Element)) return;
    const element = event.target.closest<CellElement>("tandem-cell");
    if (!element || !this.active || event.target.closest("button, a, select, input, tandem-outputs")) return;
    const isInText = event.target.closest("[data-part=editor]") !== null;
    if (event.shiftKey && !(isInText && element === this.active)) {
      event.preventDefault();
      this.#extendTo(element);
    } else if ((event.ctrlKey || event.metaKey) && !isInText) {
      event.preventDefault();
      this.#toggle(element);
    }
  }

  #extendTo(element: CellElement): void {
    const ids = this.#cells.elements.map((each) => each.cell.id);
    if (!this.#cells.find(this.#anchorId)) this.#anchorId = this.#activeId;
    this.#focus(element);
    this.#set(between(ids, this.#anchorId, element.cell.id));
  }

  #toggle(element: CellElement): void {
    const { id } = element.cell;
    const selected = new Set(this.#selected.size > 0 ? this.#selected : [this.#activeId]);
    if (selected.has(id) && selected.size > 1) selected.delete(id);
    else selected.add(id);
    const active = selected.has(id) ? element : this.#cells.find([...selected].at(-1) ?? "");
    if (active) this.#focus(active);
    this.#anchorId = id;
    this.#set(selected);
  }

  #focus(element: CellElement): void {
    this.#isExtending = true;
    this.#activeId = element.cell.id;
    element.select();
    this.#isExtending = false;
  }

  #set(ids: Iterable<string>): void {
    const before = this.#selected;
    this.#selected = new Set(ids);
    const isMany = this.#selected.size > 1;
    for (const id of new Set([...before, ...this.#selected])) {
      this.#cells.find(id)?.toggleAttribute("data-selected", isMany && this.#selected.has(id));
    }
    if ((isMany || before.size > 1) && before.size !== this.#selected.size) this.#announce(this.#selected.size);
  }
}
