// Which version of a cell's text this person acts on: the one that is on the screen, or a later one that the server
// told of, which counts as seen even before it is shown.

import type { CellElement } from "./cell";

export class SeenVersions {
  #told = new Map<string, number>();

  of(element: CellElement): number {
    return Math.max(element.version, this.#told.get(element.cell.id) ?? 0);
  }

  tell(cellId: string, version: number): void {
    this.#told.set(cellId, version);
  }
}
