// <tandem-timeline>: who wrote what in a cell and when, the newest first. It follows the cell while it is in view.

import { firstLine, kindName } from "../cells/wording";
import { find, fromTemplate } from "../dom";
import type { CellHistory, HistoryEntry } from "../protocol/history";
import { findCell, type State } from "../protocol/state";
import type { Cell } from "../protocol/types";
import type { Ago } from "./ago";
import { AskingElement, type HistoryView } from "./asking";
import { showRows } from "./rows";
import { exactTime } from "./times";
import type { Version } from "./version";
import { editCount } from "./wording";

// Somebody who types makes a version every few keys.
const FOLLOW_MS = 400;

export class Timeline extends AskingElement implements HistoryView {
  #cell: Cell | null = null;
  #entries: readonly HistoryEntry[] = [];
  /** The cell's version when the server was asked; -1: it was not yet. */
  #newest = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  // Lifecycle

  connectedCallback(): void {
    this.#more.onclick = () => void this.#loadMore();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
  }

  // Actions

  /** The cell whose history is shown from now on. */
  showCell(cell: Cell): void {
    if (this.#cell?.id !== cell.id) this.#show([], -1);
    this.#cell = cell;
    find(this, "[data-part=kind]").textContent = `${kindName(cell.kind)} cell`;
    find(this, "[data-part=text]").textContent = firstLine(cell.source);
  }

  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#load();
  }

  follow({ notebook }: State): void {
    const cell = this.#cell && findCell(notebook, this.#cell.id);
    if (!cell) return;
    this.showCell(cell);
    if (cell.version > this.#newest) this.#timer ??= setTimeout(() => this.refresh(), FOLLOW_MS);
  }

  // Private

  get #more(): HTMLButtonElement {
    return find<HTMLButtonElement>(this, "[data-part=more]");
  }

  async #load(): Promise<void> {
    const history = await this.#ask();
    if (!history) return;
    const oldest = history.entries.at(-1)?.from_version ?? 0;
    const older = this.#entries.filter((entry) => entry.version <= oldest);
    this.#show([...history.entries, ...older], history.version);
  }

  async #loadMore(): Promise<void> {
    const history = await this.#ask((this.#entries.at(-1)?.from_version ?? 0) + 1);
    if (history) this.#show([...this.#entries, ...history.entries], history.version);
  }

  async #ask(beforeVersion?: number): Promise<CellHistory | null> {
    if (!this.#cell) return null;
    const fields = beforeVersion === undefined ? {} : { before_version: beforeVersion };
    return this.answerTo(this.services.ask("cell_history", { cell_id: this.#cell.id, ...fields }));
  }

  #show(entries: readonly HistoryEntry[], newest: number): void {
    this.#entries = entries;
    this.#newest = newest;
    this.#more.hidden = (entries.at(-1)?.from_version ?? 0) === 0;
    find(this, "[data-part=empty]").hidden = newest !== 0;
    showRows(find(this, "[data-part=entries]"), entries, {
      key: (entry) => String(entry.from_version),
      make: () => fromTemplate("template-history-entry"),
      fill: (row, entry) => this.#fillRow(row as HTMLDetailsElement, entry),
    });
  }

  #fillRow(row: HTMLDetailsElement, entry: HistoryEntry): void {
    find(row, "[data-part=who]").textContent = entry.actor.label;
    find<Ago>(row, "tandem-ago").show(entry.ended_at);
    find(row, "[data-part=exact]").textContent = exactTime(new Date(entry.started_at), new Date(entry.ended_at));
    find(row, "[data-part=count]").textContent = editCount(entry.count);
    find<Version>(row, "tandem-version").start(this.services);
    row.ontoggle = () => this.#showVersion(row, entry);
    this.#showVersion(row, entry);
  }

  #showVersion(row: HTMLDetailsElement, entry: HistoryEntry): void {
    if (!row.open || !this.#cell) return;
    const { id, kind } = this.#cell;
    find<Version>(row, "tandem-version").show({ cellId: id, kind, entry, newest: this.#newest });
  }
}

customElements.define("tandem-timeline", Timeline);
