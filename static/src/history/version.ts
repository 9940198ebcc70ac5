// <tandem-version>: one entry of a cell's history in full: what its edits changed, or how it differs from now, and
// the buttons to go back to it or to take its edits back.

import { find } from "../dom";
import type { HistoryEntry } from "../protocol/history";
import type { CellKind } from "../protocol/types";
import { AskingElement } from "./asking";
import type { Comparison } from "./comparison";

/** What an entry's text is compared with: the text before its edits, or the one of now. */
type Against = "before" | "now";

export interface ShownVersion {
  readonly cellId: string;
  readonly kind: CellKind;
  readonly entry: HistoryEntry;
  /** The cell's version now. */
  readonly newest: number;
}

export class Version extends AskingElement {
  #shown: ShownVersion | null = null;
  #against: Against = "before";
  /** The two versions in view, to know what need not be asked again. */
  #inView = "";

  // Lifecycle

  connectedCallback(): void {
    this.onclick = (event) => this.#clicked(event);
  }

  // Actions

  show(shown: ShownVersion): void {
    this.#shown = shown;
    void this.#load();
  }

  // Private

  #clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-action]");
    if (!button || !this.#shown) return;
    const { cellId, entry } = this.#shown;
    switch (button.dataset["action"]) {
      case "compare":
        return this.#compareWith(button.dataset["against"] as Against);
      case "restore-version":
        return void this.services.restoreVersion(cellId, entry.version);
      case "undo":
        return void this.services.undo(cellId, entry);
    }
  }

  #compareWith(against: Against): void {
    this.#against = against;
    for (const button of this.querySelectorAll<HTMLElement>("[data-against]")) {
      button.ariaPressed = String(button.dataset["against"] === against);
    }
    void this.#load();
  }

  async #load(): Promise<void> {
    if (!this.#shown) return;
    const { cellId, kind } = this.#shown;
    const { from, to, ...labels } = comparedOf(this.#shown, this.#against);
    const wanted = `${from} to ${to}`;
    if (wanted === this.#inView) return;
    this.#inView = "";
    const texts = await this.answerTo(Promise.all([this.#textAt(cellId, from), this.#textAt(cellId, to)]));
    if (!texts) return;
    this.#inView = wanted;
    const [before, after] = texts;
    const language = this.services.languageOf(kind);
    find<Comparison>(this, "tandem-comparison").show({ before, after, language, ...labels });
  }

  async #textAt(cellId: string, version: number): Promise<string> {
    const { source } = await this.services.ask("cell_version", { cell_id: cellId, version });
    return source;
  }
}

function comparedOf({ entry, newest }: ShownVersion, against: Against) {
  if (against === "now") return { from: entry.version, to: newest, beforeLabel: "This version", afterLabel: "Now" };
  return { from: entry.from_version, to: entry.version, beforeLabel: "Before", afterLabel: "This version" };
}

customElements.define("tandem-version", Version);
