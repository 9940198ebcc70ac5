// <tandem-deleted-cells>: the cells that were deleted, the last one first, each to be brought back.

import { kindName } from "../cells/wording";
import { find, fromTemplate } from "../dom";
import type { DeletedCell } from "../protocol/history";
import type { State } from "../protocol/state";
import type { Ago } from "./ago";
import { AskingElement, type HistoryView } from "./asking";
import { showRows } from "./rows";

export class DeletedCells extends AskingElement implements HistoryView {
  /** Those the page has heard of. */
  #heardOf: State["deleted_by"] | null = null;

  // Actions

  refresh(): void {
    void this.#load();
  }

  follow({ deleted_by }: State): void {
    if (deleted_by === this.#heardOf) return;
    this.#heardOf = deleted_by;
    this.refresh();
  }

  // Private

  async #load(): Promise<void> {
    const answer = await this.answerTo(this.services.ask("deleted_cells", {}));
    if (!answer) return;
    find(this, "[data-part=empty]").hidden = answer.cells.length > 0;
    showRows(find(this, "[data-part=entries]"), answer.cells, {
      key: ({ id, deleted_at }) => `${id} ${deleted_at}`,
      make: () => fromTemplate("template-deleted-cell"),
      fill: (row, cell) => this.#fillRow(row, cell),
    });
  }

  #fillRow(row: HTMLElement, cell: DeletedCell): void {
    find(row, "[data-part=who]").textContent = cell.deleted_by || "somebody";
    find<Ago>(row, "tandem-ago").show(cell.deleted_at);
    find(row, "[data-part=kind]").textContent = kindName(cell.kind);
    find(row, "[data-part=text]").textContent = cell.source;
    // Viewers have none.
    const button = row.querySelector("button");
    if (button) button.onclick = () => void this.services.bringBack(cell.id);
  }
}

customElements.define("tandem-deleted-cells", DeletedCells);
