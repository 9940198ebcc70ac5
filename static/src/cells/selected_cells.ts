// What is done with all cells that are selected.

import { newId } from "../ids";
import type { Toasts } from "../panels/toasts";
import type { NotebookClient } from "../protocol/client";
import type { CellKind, CellSettings } from "../protocol/types";
import type { CellElement } from "./cell";
import type { CellList } from "./cell_list";
import type { CellChanges } from "./changes";
import { CellClipboard } from "./clipboard";
import type { CellCommands } from "./commands";
import { cellsIn, type CopiedCell, copyOf, plainCell } from "./copied_cells";
import { type Display, displayOf } from "./display";
import type { CellSelection } from "./selection";
import type { NewCell } from "./structure";

interface Parts {
  readonly client: NotebookClient;
  readonly cells: CellList;
  readonly selection: CellSelection;
  readonly changes: CellChanges;
  readonly commands: CellCommands;
  readonly toasts: Toasts;
  readonly mayEdit: boolean;
}

export class SelectedCells {
  #parts: Parts;
  #clipboard = new CellClipboard();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  // Lifecycle

  /** The browser's own copy, cut and paste, while a cell is selected and no text is. */
  start(): void {
    for (const type of ["copy", "cut"] as const) document.addEventListener(type, (event) => this.#copying(event));
    document.addEventListener("paste", (event) => this.#pasting(event));
  }

  // Actions

  copy(): void {
    this.#clipboard.copy(this.#copied());
    this.#say(this.#elements.length, "copied");
  }

  cut(): void {
    this.#clipboard.copy(this.#copied());
    this.delete();
  }

  paste(where: "above" | "below"): void {
    this.#insert(this.#clipboard.cells, where);
  }

  delete(): void {
    void this.#parts.changes.delete(this.#elements);
  }

  move(direction: "up" | "down"): void {
    this.#parts.commands.move(this.#elements, direction);
  }

  merge(): void {
    void this.#parts.changes.merge(this.#elements);
  }

  configure(changes: CellSettings): void {
    void this.#parts.changes.configure(this.#elements, changes);
  }

  convert(kind: CellKind): void {
    const others = this.#elements.filter(({ cell }) => cell.kind !== kind);
    if (others.length > 0) void this.#parts.changes.configure(others, { kind });
  }

  /** Hide or show, as the active cell is not. */
  toggle(setting: keyof Display): void {
    const { active } = this.#parts.selection;
    if (active) this.configure({ [setting]: !displayOf(active.cell.metadata)[setting] });
  }

  clearOutputs(): void {
    for (const { cell } of this.#elements) this.#parts.commands.send("outputs_clear", { cell_id: cell.id });
  }

  /** Lay out their code. */
  format(): void {
    for (const element of this.#elements) element.format().catch((error: unknown) => this.#parts.toasts.error(error));
  }

  /** What became of something that was asked for here. */
  tell(text: string): void {
    this.#parts.toasts.show({ tone: "info", text });
  }

  toggleLineNumbers(): void {
    const areShown = !this.#parts.selection.active?.isNumbered;
    for (const element of this.#elements) element.showLineNumbers(areShown);
  }

  copyLink(): void {
    const { selection, toasts } = this.#parts;
    const url = new URL(`#${selection.active?.id ?? ""}`, location.href).href;
    const failed = (): void => toasts.show({ tone: "info", text: `Your browser lets no page copy here. The link: ${url}` });
    if (!navigator.clipboard) return failed();
    navigator.clipboard.writeText(url).then(() => toasts.show({ tone: "info", text: "The link is copied." }), failed);
  }

  /** All of them in order, and on from the last. */
  run(then: "stay" | "next" | "insert"): void {
    const elements = this.#elements;
    for (const element of elements.slice(0, -1)) element.act({ type: "run", then: "stay" });
    elements.at(-1)?.act({ type: "run", then });
  }

  // Private

  get #elements(): CellElement[] {
    return this.#parts.selection.elements;
  }

  #copied(): CopiedCell[] {
    return this.#elements.map(({ cell, text }) => copyOf(cell, text));
  }

  #copying(event: ClipboardEvent): void {
    if (!this.#isAboutCells(event)) return;
    const isCut = event.type === "cut";
    if (isCut && !this.#parts.mayEdit) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", this.#clipboard.keep(this.#copied()));
    if (isCut) this.delete();
    else this.#say(this.#elements.length, "copied");
  }

  #pasting(event: ClipboardEvent): void {
    if (!this.#isAboutCells(event) || !this.#parts.mayEdit) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.trim()) return;
    event.preventDefault();
    this.#insert(cellsIn(text) ?? [plainCell("python", text.replace(/\r\n?/g, "\n"))], "below");
  }

  /** The focus is on a cell itself, and no text of its outputs is selected. */
  #isAboutCells({ target }: ClipboardEvent): boolean {
    const isOnCell = target instanceof Element && document.activeElement?.localName === "tandem-cell";
    return isOnCell && (document.getSelection()?.isCollapsed ?? true);
  }

  #insert(copied: readonly CopiedCell[], where: "above" | "below"): void {
    const { cells, commands, changes, toasts } = this.#parts;
    if (copied.length === 0) return toasts.show({ tone: "info", text: "No cells were copied yet." });
    const elements = this.#elements;
    const place = where === "below" ? elements.at(-1) : elements[0];
    let after = place ? (where === "below" ? place.cell.id : commands.idBefore(place)) : (cells.all.at(-1)?.cell.id ?? "");
    const made = copied.map(({ connection_id, ...copy }) => {
      const cell = { cell_id: newId(), after, ...copy };
      after = cell.cell_id;
      return { cell, connection_id };
    });
    void changes.create(made.map(({ cell }) => cell), "cell").then(() => this.#connect(made));
  }

  /** Pasted SQL cells ask what they asked, if this notebook may: a paste shares no connection with it. */
  async #connect(made: readonly { readonly cell: NewCell; readonly connection_id: string | null }[]): Promise<void> {
    const { client, toasts } = this.#parts;
    const present = new Set(client.state.notebook.cells.map(({ id }) => id));
    const asking = made.filter(({ cell, connection_id }) => connection_id !== null && present.has(cell.cell_id));
    if (asking.length === 0) return;
    try {
      const { connections } = await client.send("connections", {});
      const usable = new Set(connections.flatMap(({ id, is_shared }) => (is_shared ? [id] : [])));
      const known = asking.filter(({ connection_id }) => usable.has(connection_id ?? ""));
      for (const { cell, connection_id } of known) await client.send("cell_connect", { cell_id: cell.cell_id, connection_id });
      if (known.length === asking.length) return;
      toasts.show({ tone: "info", text: "A pasted cell asks a database that is not shared with this notebook. Choose one in the cell." });
    } catch (error) {
      toasts.error(error);
    }
  }

  #say(count: number, done: string): void {
    if (count > 0) this.#parts.toasts.show({ tone: "info", text: count === 1 ? `Cell ${done}.` : `${count} cells ${done}.` });
  }
}
