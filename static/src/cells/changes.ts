// Changes to whole cells, which others may change at the same time. Each carries the version this person sees; if
// the cell is not the same any more, nothing is done, and a toast says who was there first and offers to go on.
// Never a dialog: whoever types goes on typing.

import type { Toasts } from "../panels/toasts";
import type { NotebookClient } from "../protocol/client";
import type { HistoryEntry } from "../protocol/history";
import { CommandError } from "../protocol/socket";
import type { ConflictDetails, Fields } from "../protocol/types";
import type { CellElement } from "./cell";
import type { CellList } from "./cell_list";
import { againLabel, type Attempt, goneCell, outcomeOf, refusalOf } from "./conflict_wording";

interface Retry {
  readonly attempt: Attempt;
  again(): Promise<void>;
}

export class CellChanges {
  #client: NotebookClient;
  #cells: CellList;
  #toasts: Toasts;
  /** What this tab deleted, the last at the end. */
  #deleted: string[] = [];
  /** Versions that a refusal told of, by cell id: they count as seen, even before they are on the screen. */
  #told = new Map<string, number>();

  constructor(client: NotebookClient, cells: CellList, toasts: Toasts) {
    this.#client = client;
    this.#cells = cells;
    this.#toasts = toasts;
  }

  // Actions

  /** `after` as in docs/protocol.md: "" is the top, null the end. */
  async move({ cell }: CellElement, after: string | null): Promise<void> {
    await this.#try(async () => {
      await this.#client.send("cell_move", { cell_id: cell.id, after });
    });
  }

  async configure({ cell }: CellElement, changes: Omit<Fields<"cell_configure">, "cell_id">): Promise<void> {
    await this.#try(async () => {
      await this.#client.send("cell_configure", { cell_id: cell.id, ...changes });
    });
  }

  async delete(element: CellElement): Promise<void> {
    const { id } = element.cell;
    const next = this.#cells.neighbour(element, "down") ?? this.#cells.neighbour(element, "up");
    const change = async (): Promise<void> => {
      await element.flush();
      await this.#client.send("cell_delete", { cell_id: id, expected_version: this.#seen(element) });
      if (next) this.#cells.goTo(next.cell.id, "cell");
      this.#deleted.push(id);
      const action = { label: "Undo", run: () => void this.bringBack(id) };
      this.#toasts.show({ tone: "info", text: "Cell deleted.", action });
    };
    await this.#try(change, { attempt: "delete", again: () => this.delete(element) });
  }

  /** Cut the cell in two at the cursor, and go on at the start of the second. */
  async split(element: CellElement): Promise<void> {
    const change = async (): Promise<void> => {
      await element.flush();
      const { version, cursor } = element;
      const { cell } = await this.#client.send("cell_split", { cell_id: element.cell.id, version, position: cursor });
      this.#cells.goTo(cell.id, "text");
    };
    await this.#try(change, { attempt: "split", again: () => this.split(element) });
  }

  /** Append the next cell to this one. */
  async merge(element: CellElement): Promise<void> {
    const next = this.#cells.neighbour(element, "down");
    if (!next) return;
    const change = async (): Promise<void> => {
      await Promise.all([element.flush(), next.flush()]);
      await this.#client.send("cell_merge", {
        cell_id: element.cell.id,
        version: this.#seen(element),
        next_cell_id: next.cell.id,
        next_version: this.#seen(next),
      });
      this.#cells.goTo(element.cell.id, "cell");
    };
    await this.#try(change, { attempt: "merge", again: () => this.merge(element) });
  }

  /** Give the cell the text it had at `version`, as a new edit. */
  async restoreVersion(cellId: string, version: number): Promise<void> {
    const change = async (): Promise<void> => {
      const element = this.#cells.find(cellId);
      await element?.flush();
      const expected_version = element ? this.#seen(element) : version;
      const fields = { cell_id: cellId, version, expected_version };
      const restored = await this.#client.send("cell_restore_version", fields);
      const isNew = restored.version !== expected_version;
      const text = isNew ? "Restored, as a new edit." : "The cell has this text already.";
      this.#toasts.show({ tone: "info", text });
    };
    await this.#try(change, { attempt: "restore", again: () => this.restoreVersion(cellId, version) });
  }

  /** Take back the edits of an entry, and nothing that others typed since. */
  async undo(cellId: string, { actor, from_version, version }: HistoryEntry): Promise<void> {
    await this.#try(async () => {
      await this.#cells.find(cellId)?.flush();
      const edits = [{ cell_id: cellId, from_version, version }];
      const { cells } = await this.#client.send("undo", { actor, edits });
      for (const { outcome } of cells) this.#toasts.show(outcomeOf(outcome, actor.label));
    });
  }

  /** A deleted cell comes back where it was, with text and outputs. */
  async bringBack(cellId: string): Promise<void> {
    await this.#try(async () => {
      await this.#client.send("cell_restore", { cell_id: cellId });
      this.#deleted = this.#deleted.filter((each) => each !== cellId);
      this.#cells.goTo(cellId, "cell");
    });
  }

  /** Bring back what this tab deleted last. */
  async undoDelete(): Promise<void> {
    const cellId = this.#deleted.at(-1);
    if (cellId !== undefined) await this.bringBack(cellId);
  }

  // Private

  /** The version this person sees, or was told of. */
  #seen(element: CellElement): number {
    return Math.max(element.version, this.#told.get(element.cell.id) ?? 0);
  }

  async #try(change: () => Promise<void>, retry?: Retry): Promise<void> {
    try {
      await change();
    } catch (error) {
      if (!(error instanceof CommandError)) return this.#toasts.error(error);
      const cellId = error.details["cell_id"];
      if (error.code === "not_found" && typeof cellId === "string") return this.#tellOfGone(cellId);
      if (error.code === "conflict" && retry) return this.#tellOfConflict(error, retry);
      this.#toasts.error(error);
    }
  }

  #tellOfGone(cellId: string): void {
    const text = goneCell(this.#client.state.deleted_by.get(cellId));
    const action = { label: "Bring it back", run: () => void this.bringBack(cellId) };
    this.#toasts.show({ tone: "error", text, action });
  }

  #tellOfConflict(error: CommandError, { attempt, again }: Retry): void {
    const { cell_id, version, edited_by } = error.details as ConflictDetails;
    this.#told.set(cell_id, version);
    const element = this.#cells.find(cell_id);
    // No updates, but a newer version: an open editor asks for what it misses.
    element?.receive(version, []);
    element?.scrollIntoView({ block: "nearest" });
    // Nobody edited, but a neighbour is another: only the server knows what happened.
    const text = edited_by.length > 0 ? refusalOf(attempt, edited_by) : error.message;
    const action = { label: againLabel(attempt), run: () => void again() };
    this.#toasts.show({ tone: "error", text, action });
  }
}
