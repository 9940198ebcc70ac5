// The changes that the assistant proposes, at the cells that they are about, for whoever may edit to accept or reject. The
// server is asked when the page opens, when one comes or goes, and after a cell with one was edited: it says how each
// stands for the cell as it is now.

import { Alarm } from "../alarm";
import type { CellList } from "../cells/cell_list";
import type { AssistantEvent, ChatMessage, Proposal } from "../protocol/chat";
import type { AssistantServices } from "./services";

// Several come one after the other, and people type.
const SOON_MS = 150;

export class Proposals {
  #services: AssistantServices;
  #cells: CellList;
  #proposals: readonly Proposal[] = [];
  /** Of the cells with proposals, when the server was asked. */
  #versions = "";
  #alarm = new Alarm(() => void this.#ask());

  constructor(services: AssistantServices, cells: CellList) {
    [this.#services, this.#cells] = [services, cells];
  }

  // Actions

  opened(): void {
    this.#alarm.within(0);
  }

  heard({ type }: ChatMessage | AssistantEvent): void {
    if (type === "proposal_created" || type === "proposal_decided") this.#alarm.within(SOON_MS);
  }

  /** The notebook is another. */
  follow(): void {
    if (this.#proposals.length > 0 && this.#versionsNow() !== this.#versions) this.#alarm.within(SOON_MS);
  }

  // Private

  async #ask(): Promise<void> {
    this.#versions = this.#versionsNow();
    try {
      const { proposals } = await this.#services.send("proposals", {});
      const had = this.#proposals.length > 0;
      this.#proposals = proposals;
      this.#versions = this.#versionsNow();
      if (!had && proposals.length === 0) return;
      const { showProposals } = await import("./proposal_cards");
      showProposals(proposals, this.#cells, this.#services);
    } catch {
      // Without a connection; they are asked for again when it is back.
    }
  }

  /** What the answer depends on. */
  #versionsNow(): string {
    const about = new Set(this.#proposals.flatMap(({ cell_id, position }) => [cell_id, position]));
    const { cells } = this.#services.notebook();
    return cells.map(({ id, version }) => (about.has(id) ? `${id}:${version}` : "")).join(" ");
  }
}
