// <tandem-checkpoints>: the checkpoints of the notebook, the newest first, and the form to save one.

import { find, fromTemplate } from "../dom";
import type { Checkpoint } from "../protocol/history";
import type { State } from "../protocol/state";
import type { Ago } from "./ago";
import { AskingElement, type HistoryView } from "./asking";
import type { CheckpointElement } from "./checkpoint";
import { showRows } from "./rows";
import { exactTime } from "./times";
import { cellCount, isAutomatic } from "./wording";

export class Checkpoints extends AskingElement implements HistoryView {
  /** The newest one the page has heard of. */
  #newest: Checkpoint | null = null;

  // Lifecycle

  connectedCallback(): void {
    if (this.#form) this.#form.onsubmit = (event) => this.#submitted(event);
  }

  // Actions

  refresh(): void {
    if (this.#form) find<HTMLInputElement>(this.#form, "input").placeholder = exactTime(new Date());
    void this.#load();
  }

  follow({ newest_checkpoint }: State): void {
    if (newest_checkpoint === this.#newest) return;
    this.#newest = newest_checkpoint;
    this.refresh();
  }

  // Private

  /** Viewers have none. */
  get #form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    const input = find<HTMLInputElement>(event.target as HTMLFormElement, "input");
    void this.services.saveCheckpoint(input.value.trim() || exactTime(new Date()));
    input.value = "";
  }

  async #load(): Promise<void> {
    const answer = await this.answerTo(this.services.ask("checkpoints", {}));
    if (!answer) return;
    find(this, "[data-part=empty]").hidden = answer.checkpoints.length > 0;
    showRows(find(this, "[data-part=entries]"), answer.checkpoints, {
      key: ({ id }) => id,
      make: () => fromTemplate("template-checkpoint"),
      fill: (row, checkpoint) => this.#fillRow(row as HTMLDetailsElement, checkpoint),
    });
  }

  #fillRow(row: HTMLDetailsElement, checkpoint: Checkpoint): void {
    find(row, "[data-part=name]").textContent = checkpoint.name;
    find(row, "[data-part=automatic]").hidden = !isAutomatic(checkpoint.reason);
    find(row, "[data-part=who]").textContent = checkpoint.actor.label;
    find<Ago>(row, "tandem-ago").show(checkpoint.created_at);
    find(row, "[data-part=exact]").textContent = exactTime(new Date(checkpoint.created_at));
    find(row, "[data-part=count]").textContent = cellCount(checkpoint.cell_count);
    const detail = find<CheckpointElement>(row, "tandem-checkpoint");
    detail.start(this.services);
    row.ontoggle = () => row.open && detail.show(checkpoint);
  }
}

customElements.define("tandem-checkpoints", Checkpoints);
