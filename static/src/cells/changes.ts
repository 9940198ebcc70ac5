// Changes to whole cells, which others may change at the same time. Each carries the version this person sees; if
// the cell is not the same any more, nothing is done, and a toast says who was there first and offers to go on.
// Never a dialog: whoever types goes on typing. What was done can be taken back, and done again.

import type { Toasts } from "../panels/toasts";
import type { NotebookClient } from "../protocol/client";
import type { HistoryEntry } from "../protocol/history";
import { CommandError } from "../protocol/socket";
import type { Actor, CellSettings, ConflictDetails, RunMode } from "../protocol/types";
import type { CellElement } from "./cell";
import type { CellList } from "./cell_list";
import { againLabel, type Attempt, goneCell, outcomeOf, refusalOf } from "./conflict_wording";
import { SeenVersions } from "./seen_versions";
import { type NewCell, Structure } from "./structure";
import { type Step, together, UndoLog } from "./undo_log";

const UNATTACHED =
  "The attached images of a pasted cell could not be copied: the cell that has them is not there any more, or not shared with you.";

interface Retry {
  readonly attempt: Attempt;
  again(): Promise<void>;
}

export class CellChanges {
  #client: NotebookClient;
  #cells: CellList;
  #toasts: Toasts;
  #structure: Structure;
  #log = new UndoLog();
  #last: Promise<void> = Promise.resolve();
  #seen = new SeenVersions();

  constructor(client: NotebookClient, cells: CellList, toasts: Toasts, self: Actor) {
    this.#client = client;
    this.#cells = cells;
    this.#toasts = toasts;
    this.#structure = new Structure(client, cells, self, this.#seen);
  }

  // Actions

  /** New cells, the first of which the focus goes to. */
  async create(cells: readonly NewCell[], to: "cell" | "text" = "text"): Promise<void> {
    if (cells[0]) this.#cells.goTo(cells[0].cell_id, to);
    const unattached = (): void => this.#toasts.show({ tone: "info", text: UNATTACHED });
    await this.#try(() => this.#do(cells.map((cell) => this.#structure.create(cell, unattached))));
  }

  /**
   * The cells, which follow each other in the end, to after `after` ("": to the top). It is asked for when it is their
   * turn, with the cells as they are then, in order; undefined: they stay.
   */
  async move(elements: readonly CellElement[], after: (ids: readonly string[]) => string | undefined): Promise<void> {
    const wanted = new Set(elements.map((element) => element.cell.id));
    await this.#try(() => this.#inTurn(async () => {
      const ids = this.#client.state.notebook.cells.flatMap(({ id }) => (wanted.has(id) ? [id] : []));
      const place = after(ids);
      if (place === undefined) return;
      const moves = ids.map((cell_id, index) => ({ cell_id, after: index === 0 ? place : (ids[index - 1] ?? null) }));
      await this.#make([this.#structure.move(moves)]);
    }));
  }

  async configure(elements: readonly CellElement[], changes: CellSettings): Promise<void> {
    await this.#try(() => this.#do(elements.map(({ cell }) => this.#structure.configure(cell.id, changes))));
  }

  async connect(element: CellElement, connectionId: string | null): Promise<void> {
    await this.#try(() => this.#do([this.#structure.connect(element.cell.id, connectionId)]));
  }

  async setMode(mode: RunMode): Promise<void> {
    await this.#try(() => this.#do([this.#structure.setMode(mode)]));
  }

  /** Rejects with why it was not done. */
  async restoreCheckpoint(checkpointId: string): Promise<void> {
    await this.#do([this.#structure.restoreCheckpoint(checkpointId)]);
  }

  async delete(elements: readonly CellElement[]): Promise<void> {
    const ids = elements.map((element) => element.cell.id);
    const next = this.#besides(elements);
    const change = async (): Promise<void> => {
      const back = await this.#do(ids.map((id) => this.#structure.remove(id)));
      if (next) this.#cells.goTo(next.cell.id, "cell");
      const text = ids.length === 1 ? "Cell deleted." : `${ids.length} cells deleted.`;
      const action = { label: "Undo", run: () => void this.#takeBack(back) };
      this.#toasts.show({ tone: "info", text, action });
    };
    const left = (): CellElement[] => ids.flatMap((id) => this.#cells.find(id) ?? []);
    await this.#try(change, { attempt: "delete", again: () => this.delete(left()) });
  }

  /** Cut the cell in two at the cursor, and go on at the start of the second. */
  async split(element: CellElement): Promise<void> {
    const change = async (): Promise<void> => {
      await element.flush();
      const { version, cursor } = element;
      await this.#do([this.#structure.split(element.cell.id, version, cursor, (id) => this.#cells.goTo(id, "text"))]);
    };
    await this.#try(change, { attempt: "split", again: () => this.split(element) });
  }

  /** One of all these, which follow each other, or of the one and the next. */
  async merge(elements: readonly CellElement[]): Promise<void> {
    const [first, ...more] = elements;
    const below = first && this.#cells.neighbour(first, "down");
    const others = more.length > 0 ? more : below ? [below] : [];
    if (!first) return;
    const change = async (): Promise<void> => {
      await this.#do(others.map(({ cell }) => this.#structure.merge(first.cell.id, cell.id)));
    };
    const again = (): Promise<void> => this.merge([first, ...others.filter(({ isConnected }) => isConnected)]);
    await this.#try(change, { attempt: "merge", again });
  }

  /** Give the cell the text it had at `version`, as a new edit. */
  async restoreVersion(cellId: string, version: number): Promise<void> {
    const change = async (): Promise<void> => {
      const element = this.#cells.find(cellId);
      await element?.flush();
      const expected_version = element ? this.#seen.of(element) : version;
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
    await this.#try(async () => void (await this.#do([this.#structure.bringBack(cellId)])));
  }

  /** Take back what this tab did last to whole cells. */
  async undoLast(): Promise<void> {
    await this.#try(() => this.#inTurn(async () => {
      if (this.#log.canUndo) await this.#log.undo();
      else this.#toasts.show({ tone: "info", text: "There is nothing to undo." });
    }));
  }

  /** ... and do again what was taken back last. */
  async redoLast(): Promise<void> {
    await this.#try(() => this.#inTurn(async () => {
      if (this.#log.canRedo) await this.#log.redo();
      else this.#toasts.show({ tone: "info", text: "There is nothing to redo." });
    }));
  }

  // Private

  /** One change after the other: whoever presses `z` twice means the one before the last. */
  async #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  /** Make the steps, and remember how to take back those that were made. */
  #do(steps: readonly Step[]): Promise<Step | null> {
    return this.#inTurn(() => this.#make(steps));
  }

  async #make(steps: readonly Step[]): Promise<Step | null> {
    const inverses: Step[] = [];
    try {
      for (const step of steps) {
        const inverse = await step();
        if (inverse) inverses.push(inverse);
      }
    } finally {
      if (inverses.length > 0) this.#log.record(together(inverses.toReversed()));
    }
    return this.#log.last;
  }

  async #takeBack(step: Step | null): Promise<void> {
    if (!step) return;
    this.#log.forget(step);
    await this.#try(() => this.#inTurn(step));
  }

  /** Where the focus goes when these go: below them, else above. */
  #besides(elements: readonly CellElement[]): CellElement | undefined {
    const [first, last] = [elements[0], elements.at(-1)];
    if (!first || !last) return undefined;
    return this.#cells.neighbour(last, "down") ?? this.#cells.neighbour(first, "up");
  }

  async #try(change: () => Promise<unknown>, retry?: Retry): Promise<void> {
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
    this.#seen.tell(cell_id, version);
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
