// Changes to whole cells, each as a step that gives the step that takes it back. Taking back is a change like others:
// a new command to the server on what is there now, so what others did since stays, or it is refused.

import { newId } from "../ids";
import type { NotebookClient } from "../protocol/client";
import type { UndoneCell } from "../protocol/history";
import { CommandError } from "../protocol/socket";
import { findCell } from "../protocol/state";
import { BEGINNING } from "../sheet/sheet_text";
import type { Actor, Cell, CellKind, CellSettings, Fields, RunMode } from "../protocol/types";
import type { CellList } from "./cell_list";
import { settingsOf } from "./display";
import type { SeenVersions } from "./seen_versions";
import type { Step } from "./undo_log";

/** It was not taken back, because of what others did since; the message says so. */
export class Overtaken extends Error {}

/** `after` as in docs/protocol.md: "" is the top, null the end. */
export type NewCell = Fields<"cell_create"> & { readonly cell_id: string; readonly after: string | null };

interface Move {
  readonly cell_id: string;
  readonly after: string | null;
}

const KNOWN_WITHIN_MS = 2000;
const LOOK_EVERY_MS = 10;
const CALM_MS = 100;

export class Structure {
  #client: NotebookClient;
  #cells: CellList;
  #seen: SeenVersions;
  #self: Actor;

  /** `self`: as whom the server knows this person's edits. */
  constructor(client: NotebookClient, cells: CellList, self: Actor, seen: SeenVersions) {
    this.#client = client;
    this.#cells = cells;
    this.#self = self;
    this.#seen = seen;
  }

  /** `unattached` is told if the attachments that it names cannot be had any more; it is created without them then. */
  create(cell: NewCell, unattached: () => void = () => {}): Step {
    return async () => {
      try {
        await this.#client.send("cell_create", cell);
      } catch (error) {
        if (!cell.attachments_of || !isAboutAttachments(error)) throw error;
        const { attachments_of: _, ...bare } = cell;
        await this.#client.send("cell_create", bare);
        unattached();
      }
      await this.#known(() => this.#has(cell.cell_id));
      return this.remove(cell.cell_id);
    };
  }

  remove(cellId: string): Step {
    return async () => {
      const element = this.#cells.find(cellId);
      await element?.flush();
      const expected = element ? { expected_version: this.#seen.of(element) } : {};
      const next = element && (this.#cells.neighbour(element, "down") ?? this.#cells.neighbour(element, "up"));
      const hadFocus = element?.contains(document.activeElement) ?? false;
      // At once: the next key is for the next cell, and must not be lost with this one.
      if (hadFocus) next?.select();
      try {
        await this.#client.send("cell_delete", { cell_id: cellId, ...expected });
      } catch (error) {
        if (hadFocus) element?.select();
        throw error;
      }
      await this.#known(() => !this.#has(cellId));
      return this.bringBack(cellId);
    };
  }

  /** A deleted cell comes back where it was, with text and outputs. */
  bringBack(cellId: string): Step {
    return async () => {
      await this.#client.send("cell_restore", { cell_id: cellId });
      await this.#known(() => this.#has(cellId));
      this.#cells.goTo(cellId, "cell");
      return this.remove(cellId);
    };
  }

  /** One after the other. */
  move(moves: readonly Move[]): Step {
    return async () => {
      const order = this.#state.cells.map(({ id }) => id);
      const keys = new Map<string, string>();
      for (const move of moves) {
        const { order_key } = await this.#client.send("cell_move", move);
        keys.set(move.cell_id, order_key);
        await this.#known(() => this.#find(move.cell_id)?.order_key === order_key);
      }
      return this.#moveBack(order, keys);
    };
  }

  configure(cellId: string, settings: CellSettings): Step {
    return async () => {
      const before = pick(settingsOf(this.#cellNow(cellId)), settings);
      await this.#client.send("cell_configure", { cell_id: cellId, ...settings });
      await this.#known(() => this.#isSet(cellId, settings));
      return this.#configureBack(cellId, settings, before);
    };
  }

  /** What an SQL cell asks; null: dataframes and files. */
  connect(cellId: string, connectionId: string | null): Step {
    return async () => {
      const before = this.#cellNow(cellId).connection_id;
      await this.#client.send("cell_connect", { cell_id: cellId, connection_id: connectionId });
      await this.#known(() => this.#find(cellId)?.connection_id === connectionId);
      return async () => {
        const now = this.#cellNow(cellId).connection_id;
        if (now !== connectionId) throw new Overtaken("Not undone: somebody connected the cell since.");
        return this.connect(cellId, before)();
      };
    };
  }

  /** What a run of a cell does with those that depend on it. */
  setMode(mode: RunMode): Step {
    return async () => {
      const before = this.#client.state.notebook.mode;
      await this.#client.send("notebook_configure", { mode });
      await this.#known(() => this.#client.state.notebook.mode === mode);
      return async () => {
        if (this.#client.state.notebook.mode !== mode) throw new Overtaken("Not undone: somebody changed the mode since.");
        return this.setMode(before)();
      };
    };
  }

  /** The cells as they were then. What was there before is a checkpoint too, by which it is taken back. */
  restoreCheckpoint(checkpointId: string): Step {
    return async () => {
      const newest = this.#client.state.newest_checkpoint;
      await this.#client.send("checkpoint_restore", { checkpoint_id: checkpointId });
      await this.#known(() => this.#client.state.newest_checkpoint !== newest);
      const before = this.#client.state.newest_checkpoint;
      if (!before || before === newest) return null; // they were like that
      await this.#calm();
      const restored = this.#written();
      return async () => {
        if (this.#written() !== restored) {
          throw new Overtaken("Not undone: cells were changed since. What was there before is in the history, as a checkpoint.");
        }
        return this.restoreCheckpoint(before.id)();
      };
    };
  }

  /** Cut it in two at `position`, and tell `then` of the second. */
  split(cellId: string, version: number, position: number, then: (newId: string) => void): Step {
    return async () => {
      const { source } = this.#cellNow(cellId);
      const { cell } = await this.#client.send("cell_split", { cell_id: cellId, version, position });
      await this.#known(() => this.#has(cell.id));
      then(cell.id);
      return this.#unsplit(cellId, cell.id, version, () => {
        const now = this.#cellNow(cellId);
        if (now.source !== source) throw new Overtaken("Not split again: the text is another now.");
        return this.split(cellId, now.version, position, then);
      });
    };
  }

  /** Append the text of `nextId`, the cell below. */
  merge(cellId: string, nextId: string): Step {
    return async () => {
      const [element, next] = [this.#cells.find(cellId), this.#cells.find(nextId)];
      if (!element || !next) throw new Overtaken("Not merged: one of the cells is gone.");
      await Promise.all([element.flush(), next.flush()]);
      const [version, next_version] = [this.#seen.of(element), this.#seen.of(next)];
      const fields = { cell_id: cellId, version, next_cell_id: nextId, next_version };
      const merged = await this.#client.send("cell_merge", fields);
      this.#seen.tell(cellId, merged.version);
      await this.#known(() => !this.#has(nextId));
      this.#cells.goTo(cellId, "cell");
      return this.#unmerge(cellId, nextId, version, merged.version);
    };
  }

  // Private

  get #state(): { readonly cells: readonly Cell[] } {
    return this.#client.state.notebook;
  }

  /** What comes next acts on what this page knows: wait for the event of what was done, but not for long. */
  async #known(isKnown: () => boolean): Promise<void> {
    const deadline = Date.now() + KNOWN_WITHIN_MS;
    while (!isKnown() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }

  /** Until the events of what was done have all come: nothing changes any more, for a moment. */
  async #calm(): Promise<void> {
    const deadline = Date.now() + KNOWN_WITHIN_MS;
    let before: unknown = null;
    while (before !== this.#client.state.notebook && Date.now() < deadline) {
      before = this.#client.state.notebook;
      await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    }
  }

  /** What people made of the cells, to be compared. */
  #written(): string {
    return JSON.stringify(this.#state.cells.map(({ id, kind, version }) => [id, kind, version]));
  }

  #find(cellId: string): Cell | undefined {
    return findCell(this.#client.state.notebook, cellId);
  }

  #has(cellId: string): boolean {
    return this.#find(cellId) !== undefined;
  }

  #isSet(cellId: string, settings: CellSettings): boolean {
    const cell = this.#find(cellId);
    return cell !== undefined && JSON.stringify(pick(settingsOf(cell), settings)) === JSON.stringify(pick(settings, settings));
  }

  #cellNow(cellId: string): Cell {
    const cell = this.#find(cellId);
    if (!cell) throw new Overtaken("Somebody deleted that cell.");
    return cell;
  }

  /** To where they were in `order`: each after the one before it then, or the nearest of these that is left. */
  #moveBack(order: readonly string[], keys: ReadonlyMap<string, string>): Step {
    return async () => {
      for (const [id, key] of keys) {
        if (this.#cellNow(id).order_key !== key) throw new Overtaken("Not undone: somebody moved the cell since.");
      }
      const present = new Set(this.#state.cells.map(({ id }) => id));
      const before = (id: string): string => order.slice(0, order.indexOf(id)).findLast((each) => present.has(each)) ?? "";
      const moved = order.filter((id) => keys.has(id));
      return this.move(moved.map((id) => ({ cell_id: id, after: before(id) })))();
    };
  }

  #configureBack(cellId: string, settings: CellSettings, before: CellSettings): Step {
    return async () => {
      this.#cellNow(cellId);
      if (!this.#isSet(cellId, settings)) throw new Overtaken("Not undone: somebody changed the cell since.");
      return this.configure(cellId, before)();
    };
  }

  /** The second part goes and the first gets its text back, or, if somebody wrote in the second, they are merged. */
  #unsplit(cellId: string, newId: string, version: number, again: () => Step): Step {
    return async () => {
      const second = this.#cells.find(newId);
      await Promise.all([this.#cells.find(cellId)?.flush(), second?.flush()]);
      if (!second || second.version > 0) return this.merge(cellId, newId)();
      await this.#client.send("cell_delete", { cell_id: newId, expected_version: 0 });
      const outcome = await this.#undoEdits(cellId, version, version + 1);
      if (outcome === "overwritten") {
        await this.#client.send("cell_restore", { cell_id: newId });
        throw new Overtaken("Not undone: somebody wrote where it was split.");
      }
      this.#cells.goTo(cellId, "cell");
      return async () => again()();
    };
  }

  #unmerge(cellId: string, nextId: string, from: number, to: number): Step {
    return async () => {
      await this.#cells.find(cellId)?.flush();
      const outcome = await this.#undoEdits(cellId, from, to);
      if (outcome === "overwritten") {
        throw new Overtaken("Not undone: somebody changed the merged text. The cell that went is in the history.");
      }
      await this.#client.send("cell_restore", { cell_id: nextId });
      this.#cells.goTo(cellId, "cell");
      return this.merge(cellId, nextId);
    };
  }

  async #undoEdits(cellId: string, from_version: number, version: number): Promise<UndoneCell["outcome"]> {
    const edits = [{ cell_id: cellId, from_version, version }];
    const { cells } = await this.#client.send("undo", { actor: this.#self, edits });
    return cells[0]?.outcome ?? "nothing";
  }
}

/** A cell to be made, with an id. */
export function newCell(kind: CellKind, after: string | null, source = kind === "sheet" ? BEGINNING : ""): NewCell {
  return { cell_id: newId(), kind, source, after };
}

/** What `source` says of the settings that are in `settings`. */
function pick(source: CellSettings, settings: CellSettings): CellSettings {
  const keys = Object.keys(settings) as (keyof CellSettings)[];
  return Object.fromEntries(keys.sort().map((key) => [key, source[key]]));
}

/** What the server does not find, or cannot read as an id: a stranger may have written it. */
function isAboutAttachments(error: unknown): boolean {
  if (!(error instanceof CommandError)) return false;
  return error.code === "not_found" || (error.code === "invalid" && error.details["field"] === "attachments_of");
}
