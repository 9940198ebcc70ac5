// <tandem-checkpoint>: how the notebook differs from what it was at a checkpoint, and the button to go back to it.

import { kindName } from "../cells/wording";
import { find, fromTemplate } from "../dom";
import type { CellText, Checkpoint, Difference } from "../protocol/history";
import { AskingElement } from "./asking";
import type { Comparison } from "./comparison";
import { showRows } from "./rows";
import type { HistoryServices } from "./services";
import { exactTime } from "./times";
import { changeName, summaryOf } from "./wording";

export class CheckpointElement extends AskingElement {
  #checkpoint: Checkpoint | null = null;

  // Lifecycle

  connectedCallback(): void {
    this.onclick = (event) => this.#clicked(event);
  }

  // Actions

  show(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    void this.#load();
  }

  // Private

  #clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-action]");
    if (button?.dataset["action"] === "compare") void this.#load();
    if (button?.dataset["action"] === "restore-checkpoint") void this.#restore();
  }

  async #restore(): Promise<void> {
    if (this.#checkpoint) await this.services.restoreCheckpoint(this.#checkpoint);
    await this.#load();
  }

  async #load(): Promise<void> {
    if (!this.#checkpoint) return;
    const answer = await this.answerTo(this.services.ask("checkpoint_diff", { checkpoint_id: this.#checkpoint.id }));
    if (answer) this.#show(answer.cells);
  }

  #show(differences: readonly Difference[]): void {
    find(this, "[data-part=summary]").textContent = summaryOf(differences);
    find(this, "[data-part=asked]").textContent = `Compared with the notebook of ${exactTime(new Date())}.`;
    find(this, "[data-part=compared]").hidden = false;
    const restore = this.querySelector<HTMLElement>("[data-part=restore]");
    if (restore) restore.hidden = differences.length === 0;
    showRows(find(this, "[data-part=differences]"), differences, {
      key: ({ cell_id }) => cell_id,
      make: () => fromTemplate("template-difference"),
      fill: (row, difference) => fillDifference(row, difference, this.services),
    });
  }
}

function fillDifference(row: HTMLElement, { change, before, after }: Difference, services: HistoryServices): void {
  row.dataset["change"] = change;
  find(row, "[data-part=change]").textContent = changeName(change);
  find(row, "[data-part=kind]").textContent = `${kindsOf(before, after)} cell`;
  find<Comparison>(row, "tandem-comparison").show({
    before: before?.source ?? "",
    after: after?.source ?? "",
    beforeLabel: "At the checkpoint",
    afterLabel: "Now",
    language: services.languageOf((after ?? before)?.kind ?? "raw"),
  });
}

function kindsOf(before: CellText | null, after: CellText | null): string {
  const names = [before, after].flatMap((text) => (text ? [kindName(text.kind)] : []));
  return [...new Set(names)].join(" → ");
}

customElements.define("tandem-checkpoint", CheckpointElement);
