// Presence on the page: takes in who is where, shows it in the top bar, on cells and in their editors, and tells the
// others where we are.

import type { CellElement } from "../cells/cell";
import { SELECTION_MOVED } from "../cells/cell_editor";
import type { CellList } from "../cells/cell_list";
import type { People } from "../panels/people";
import type { NotebookClient } from "../protocol/client";
import type { PresenceMessage } from "../protocol/types";
import { Announcer, type Surroundings } from "./announcer";
import { clientsByCell, hear, NOBODY, peopleOf, type Present, withoutSilent } from "./present";

const LOOK_FOR_SILENT_MS = 1000;

export class Presence {
  #client: NotebookClient;
  #cells: CellList;
  #people: People;
  #announcer = new Announcer({ look: () => this.#look(), tell: (where) => this.#client.tellWhereabouts(where) });
  #present: Present = NOBODY;
  /** The cells that show somebody. */
  #occupied = new Set<string>();

  constructor(client: NotebookClient, cells: CellList, people: People) {
    this.#client = client;
    this.#cells = cells;
    this.#people = people;
  }

  // Lifecycle

  start(): void {
    document.addEventListener("focusin", () => this.#announcer.moved());
    document.addEventListener("focusout", () => this.#announcer.moved());
    document.addEventListener(SELECTION_MOVED, (event) => this.#selectionMoved(event as CustomEvent<boolean>));
    setInterval(() => this.#set(withoutSilent(this.#present, Date.now())), LOOK_FOR_SILENT_MS);
  }

  // Actions

  heard(message: PresenceMessage): void {
    this.#set(hear(this.#present, message, (id) => this.#client.isOwn(id), Date.now()));
  }

  /** The server knows nothing of us yet. */
  opened(): void {
    this.#announcer.reconnected();
  }

  /** Cells came, went or were moved. */
  show(): void {
    const byCell = clientsByCell(this.#present);
    for (const cellId of new Set([...this.#occupied, ...byCell.keys()])) {
      this.#cells.find(cellId)?.showPeople(byCell.get(cellId) ?? []);
    }
    this.#occupied = new Set(byCell.keys());
    const { cells } = this.#client.state.notebook;
    this.#people.show(peopleOf(this.#present), (cellId) => `in cell ${cells.findIndex(({ id }) => id === cellId) + 1 || "?"}`);
  }

  // Private

  #set(present: Present): void {
    if (present === this.#present) return;
    this.#present = present;
    this.show();
  }

  #selectionMoved({ target, detail: byOthers }: CustomEvent<boolean>): void {
    if (target !== this.#ownCell) return;
    if (byOthers) this.#announcer.drifted();
    else this.#announcer.moved();
  }

  get #ownCell(): CellElement | null {
    return document.activeElement?.closest<CellElement>("tandem-cell") ?? null;
  }

  #look(): Surroundings {
    const cell = this.#ownCell;
    if (!cell) return { cell_id: null, selection: null, isTyping: false };
    return { cell_id: cell.dataset["cellId"] ?? null, selection: cell.selection, isTyping: cell.hasUnsent };
  }
}
