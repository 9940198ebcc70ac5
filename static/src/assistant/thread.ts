// The turns of the conversation in view. While one reads the end, the end stays in view; who scrolls up is left alone.

import type { Numbers } from "../cells/numbers";
import { find, fromTemplate } from "../dom";
import "../history/ago";
import { showRows } from "../history/rows";
import type { Turn } from "../protocol/chat";
import type { ChatState } from "./chat_state";
import type { AssistantServices } from "./services";
import { isUnfinished } from "./turn";
import { showTurn } from "./turn_view";

const NEAR_END_PX = 60;

interface Shown {
  readonly turn: Turn;
  readonly numbers: Numbers;
  readonly isFirstInQueue: boolean;
}

export class Thread {
  #element: HTMLElement;
  #services: AssistantServices;
  #shown = new WeakMap<HTMLElement, Shown>();
  #conversation: string | null = null;
  #isAtEnd = true;

  constructor(element: HTMLElement, services: AssistantServices) {
    this.#element = element;
    this.#services = services;
    element.addEventListener("scroll", () => (this.#isAtEnd = isNearEnd(element)), { passive: true });
    // What is opened grows, and so does what loads.
    new ResizeObserver(() => this.#keepEnd()).observe(find(element, "[data-part=turns]"));
  }

  show({ turns, shown_id, has_earlier }: ChatState): void {
    if (shown_id !== this.#conversation) this.#isAtEnd = true;
    this.#conversation = shown_id;
    find(this.#element, "[data-part=earlier]").hidden = !has_earlier;
    find(this.#element, "[data-part=welcome]").hidden = shown_id !== null || turns.length > 0;
    const heightBefore = this.#element.scrollHeight;
    const first = this.#element.querySelector<HTMLElement>(".turn")?.dataset["turn"];
    showRows(find(this.#element, "[data-part=turns]"), turns, {
      key: ({ id }) => id,
      make: () => fromTemplate("template-turn"),
      fill: (row, turn) => this.#fill(row, turn, turns),
    });
    const hasGrownAbove = first !== undefined && turns.length > 0 && turns[0]?.id !== first && !this.#isAtEnd;
    if (hasGrownAbove) this.#element.scrollTop += this.#element.scrollHeight - heightBefore;
    this.#keepEnd();
  }

  /** Whoever has just asked wants to see the answer. */
  goToEnd(): void {
    this.#isAtEnd = true;
    this.#keepEnd();
  }

  goTo(turnId: string): void {
    this.#isAtEnd = false;
    this.#element.querySelector(`[data-turn="${CSS.escape(turnId)}"]`)?.scrollIntoView({ block: "start" });
  }

  // Private

  #fill(row: HTMLElement, turn: Turn, turns: readonly Turn[]): void {
    const isFirstInQueue = turns.find(isUnfinished)?.id === turn.id;
    const numbers = this.#services.numbers();
    const before = this.#shown.get(row);
    if (before?.turn === turn && before.numbers === numbers && before.isFirstInQueue === isFirstInQueue) return;
    this.#shown.set(row, { turn, numbers, isFirstInQueue });
    showTurn(row, turn, { isFirstInQueue }, this.#services);
  }

  #keepEnd(): void {
    if (this.#isAtEnd) this.#element.scrollTop = this.#element.scrollHeight;
  }
}

function isNearEnd({ scrollTop, scrollHeight, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
}
