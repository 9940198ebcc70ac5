// What becomes of what cells ask for: one command to the server each. The page changes when the event comes back.

import { emit } from "../dom";
import type { Toasts } from "../panels/toasts";
import type { NotebookClient } from "../protocol/client";
import type { CellKind, Fields, Plan, RunMode, RunScope } from "../protocol/types";
import type { CellCommand } from "./actions";
import type { CellElement } from "./cell";
import type { CellList } from "./cell_list";
import type { CellChanges } from "./changes";
import { isRunnable } from "./kinds";
import { newCell } from "./structure";

/** `Run`s that were started here, on the document. */
export const RUN_STARTED = "run-started";

export class CellCommands {
  #client: NotebookClient;
  #cells: CellList;
  #changes: CellChanges;
  #toasts: Toasts;

  constructor(client: NotebookClient, cells: CellList, changes: CellChanges, toasts: Toasts) {
    this.#client = client;
    this.#cells = cells;
    this.#changes = changes;
    this.#toasts = toasts;
  }

  // Actions

  obey(element: CellElement, action: CellCommand): void {
    switch (action.type) {
      case "run":
        return void this.#runCell(element, action.then, action.isRefresh);
      case "run_around":
        return void this.run(action.scope, element.cell.id);
      case "insert":
        return this.insert(action.kind, action.where === "below" ? element.cell.id : this.idBefore(element));
      case "move":
        return this.move([element], action.direction);
      case "configure":
        return void this.#changes.configure([element], { kind: action.kind });
      case "display":
        return void this.#changes.configure([element], action.settings);
      case "name_result":
        return void this.#changes.configure([element], { result_name: action.name });
      case "connect":
        return void this.#changes.connect(element, action.connectionId);
      case "cache":
        return void this.#changes.configure([element], { cache_seconds: action.seconds });
      case "disable":
      case "enable":
        return void this.#changes.configure([element], { is_disabled: action.type === "disable" });
      case "delete":
        return void this.#changes.delete([element]);
      case "split":
        return void this.#changes.split(element);
      case "merge":
        return void this.#changes.merge([element]);
      case "leave":
        return this.#leave(element, action.direction, action.to);
      case "report":
        return this.#toasts.error(action.error);
    }
  }

  /** The kernel gets the text that is on the screen: what is not sent yet goes first. */
  async run(scope: RunScope, cellId?: string, isRefresh = false): Promise<void> {
    try {
      await this.flush();
      const { run } = await this.#client.send("run", { scope, ...(cellId && { cell_id: cellId }), ...(isRefresh && { is_refresh: true }) });
      emit(document, RUN_STARTED, run);
    } catch (error) {
      this.#toasts.error(error);
    }
  }

  /** From a kernel without variables. */
  async restartAndRunAll(): Promise<void> {
    try {
      await this.#client.send("restart", {});
      await this.run("all");
    } catch (error) {
      this.#toasts.error(error);
    }
  }

  /** What a run would do with the text that is on the screen. */
  async plan(request: Fields<"run">): Promise<Plan> {
    await this.flush();
    return this.#client.send("plan", request);
  }

  /** Resolves when the server has all that was typed. */
  async flush(): Promise<void> {
    await Promise.all(this.#cells.elements.map((element) => element.flush()));
  }

  /** A new cell, to write in at once. `after` as in docs/protocol.md: "" is the top, null the end. */
  insert(kind: CellKind, after: string | null, source?: string): void {
    void this.#changes.create([newCell(kind, after, source)]);
  }

  /** One place up or down, all together. */
  move(elements: readonly CellElement[], direction: "up" | "down"): void {
    void this.#changes.move(elements, (moving) => {
      // The last move may be known, and not on the screen yet.
      const ids = this.#client.state.notebook.cells.map(({ id }) => id);
      if (direction === "down") return ids[ids.indexOf(moving.at(-1) ?? "") + 1];
      const place = ids.indexOf(moving[0] ?? "");
      return place > 0 ? (ids[place - 2] ?? "") : undefined;
    });
  }

  /** What a run of a cell does with those that depend on it. */
  setMode(mode: RunMode): void {
    void this.#changes.setMode(mode);
  }

  /** The id to put something after so that it is before `element`; "" is the top. */
  idBefore(element: CellElement): string {
    return this.#cells.neighbour(element, "up")?.cell.id ?? "";
  }

  /** A command whose result comes as an event. */
  send(...[type, fields]: Parameters<NotebookClient["send"]>): void {
    this.#client.send(type, fields).catch((error: unknown) => this.#toasts.error(error));
  }

  // Private

  async #runCell(element: CellElement, then: "stay" | "next" | "insert", isRefresh = false): Promise<void> {
    const { id, kind } = element.cell;
    element.finishEditing();
    if (then === "insert") this.insert("python", id);
    if (then === "next") this.#goOn(element);
    if (then === "stay" && kind === "markdown") element.select();
    if (isRunnable(kind)) await this.run("cell", id, isRefresh);
  }

  /** To the cell after the one that runs; after the last, to a new one. */
  #goOn(element: CellElement): void {
    const next = this.#cells.neighbour(element, "down");
    if (next) next.select();
    else this.insert("python", element.cell.id);
  }

  #leave(element: CellElement, direction: "up" | "down", to: "cell" | "text"): void {
    const next = this.#cells.neighbour(element, direction);
    if (!next) return;
    if (to === "cell" || next.cell.kind === "markdown") next.select();
    else next.edit(direction === "down" ? "start" : "end");
  }
}
