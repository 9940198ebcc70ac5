// The list of the notebook's conversations, with a search in all that was said.

import { find, fromTemplate } from "../dom";
import type { Ago } from "../history/ago";
import { showRows } from "../history/rows";
import type { ChatState } from "./chat_state";
import { conversationState, countOf } from "./wording";

// While somebody types, the server is asked at this pace.
const PACE_MS = 250;

export class ConversationList {
  #element: HTMLElement;

  constructor(element: HTMLElement, search: (words: string) => void) {
    this.#element = element;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const field = find<HTMLInputElement>(element, "[data-part=search]");
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => search(field.value.trim()), PACE_MS);
    });
  }

  show({ conversations, shown_id }: ChatState): void {
    find(this.#element, "[data-part=none]").hidden = conversations.length > 0;
    showRows(find(this.#element, "[data-part=conversations]"), conversations, {
      key: ({ id }) => id,
      make: () => fromTemplate("template-conversation"),
      fill: (row, { id, title, status, created_by, updated_at, turn_count }) => {
        find(row, "button").dataset["conversation"] = id;
        find(row, "button").ariaCurrent = String(id === shown_id);
        find(row, "[data-part=title]").textContent = title;
        row.dataset["status"] = status ?? "";
        find(row, "[data-part=state]").textContent = conversationState(status);
        find(row, "[data-part=who]").textContent = created_by;
        find<Ago>(row, "tandem-ago").show(updated_at);
        find(row, "[data-part=count]").textContent = countOf(turn_count, "message");
      },
    });
  }

  focus(): void {
    find(this.#element, "[data-part=search]").focus();
  }
}
