// The marks on cells that the assistant wrote: who asked for it, and the way to the turn. The server is asked when the page
// opens and after what can change them.

import { Alarm } from "../alarm";
import type { CellElement } from "../cells/cell";
import type { CellList } from "../cells/cell_list";
import { emit, find, fromTemplate } from "../dom";
import { exactTime } from "../history/times";
import type { AssistantEvent, CellMark, ChatMessage } from "../protocol/chat";
import type { AssistantServices } from "./services";

/** Dispatched by a mark that is clicked, with it as detail. */
export const GO_TO_TURN = "go-to-turn";

// Several turns end, and proposals are decided, one after the other.
const SOON_MS = 300;

export class Marks {
  #services: AssistantServices;
  #cells: CellList;
  #marks: ReadonlyMap<string, CellMark> = new Map();
  /** The cells that show theirs. */
  #shown = new Map<CellElement, HTMLElement>();
  #alarm = new Alarm(() => void this.#ask());

  constructor(services: AssistantServices, cells: CellList) {
    [this.#services, this.#cells] = [services, cells];
  }

  // Actions

  opened(): void {
    this.#alarm.within(0);
  }

  heard(news: ChatMessage | AssistantEvent): void {
    const hasChanged = news.type === "proposal_decided" || news.type === "turn_undone" || (news.type === "chat" && news.event.type === "done");
    if (hasChanged) this.#alarm.within(SOON_MS);
  }

  /** Cells came or went. */
  show(): void {
    for (const [element, button] of this.#shown) {
      if (element.isConnected && this.#marks.has(element.dataset["cellId"] ?? "")) continue;
      button.remove();
      this.#shown.delete(element);
    }
    for (const [cellId, mark] of this.#marks) {
      const element = this.#cells.find(cellId);
      if (element) this.#mark(element, mark);
    }
  }

  // Private

  async #ask(): Promise<void> {
    try {
      const { marks } = await this.#services.send("chat_marks", {});
      this.#marks = new Map(marks.map((mark) => [mark.cell_id, mark]));
      this.show();
    } catch {
      // Without a connection; they are asked for again when it is back.
    }
  }

  #mark(element: CellElement, mark: CellMark): void {
    const button = this.#shown.get(element) ?? fromTemplate("template-cell-mark");
    if (!this.#shown.has(element)) find(element, "[data-part=notices]").before(button);
    this.#shown.set(element, button);
    const title = `Written by the assistant for ${mark.asked_by}, ${exactTime(new Date(mark.at))}`;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.onclick = () => emit(button, GO_TO_TURN, mark);
  }
}
