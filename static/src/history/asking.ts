// What the elements of the history have in common: they ask the server for what they show. A line of theirs says that
// they wait for the first answer, or what went wrong; of several questions only the answer to the last one counts.

import { find } from "../dom";
import { messageOf } from "../message_of";
import type { State } from "../protocol/state";
import type { HistoryServices } from "./services";

export class AskingElement extends HTMLElement {
  #services: HistoryServices | null = null;
  #questions = 0;
  #hasAnswer = false;

  /** To be called before anything is shown. */
  start(services: HistoryServices): void {
    this.#services = services;
  }

  protected get services(): HistoryServices {
    if (!this.#services) throw new Error("The element was not started yet.");
    return this.#services;
  }

  /** Null if there was no answer, or a later question was asked meanwhile. */
  protected async answerTo<T>(question: Promise<T>): Promise<T | null> {
    const number = ++this.#questions;
    if (!this.#hasAnswer) this.#say("waiting", "Loading…");
    try {
      const answer = await question;
      if (number !== this.#questions) return null;
      this.#hasAnswer = true;
      this.#say("answered", "");
      return answer;
    } catch (error) {
      const reason = messageOf(error);
      if (number === this.#questions) this.#say("failed", reason);
      return null;
    }
  }

  #say(state: "waiting" | "answered" | "failed", text: string): void {
    const note = find(this, "[data-part=note]");
    note.dataset["state"] = state;
    note.textContent = text;
  }
}

/** One view of the drawer. */
export interface HistoryView extends AskingElement {
  /** Ask the server again. */
  refresh(): void;
  /** The notebook is another one. */
  follow(state: State): void;
}
