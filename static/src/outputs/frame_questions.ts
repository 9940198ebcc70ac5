// What the frame of a widget asks its page, because it reaches no server: Markdown as HTML, and what a table wants to know.

import { emit } from "../dom";
import { messageOf } from "../message_of";
import { TABLE_QUESTION, type TableCommand, type TableQuestion } from "../table/questions";
import type { OutputServices } from "./services";

export type FrameQuestion =
  | { readonly about: "markdown"; readonly source: string }
  | { readonly about: "table"; readonly type: TableCommand; readonly fields: TableQuestion["fields"] };

/** From the frame; `id` is given back with the answer. */
export interface Asked {
  readonly type: "question";
  readonly id: number;
  readonly question: FrameQuestion;
}

/** To the frame. */
export type Answered =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "answer"; readonly id: number; readonly error: string };

// No file: a frame can download nothing.
const OF_TABLES: readonly string[] = ["table_page", "table_cell", "table_summary"];
// A frame can ask without end.
const MOST_AT_ONCE = 20;

export class FrameQuestions {
  #element: HTMLElement;
  #services: OutputServices;
  #answer: (answer: Answered) => void;
  #open = 0;

  /** `element`: what asks, as far as the page knows. */
  constructor(element: HTMLElement, services: OutputServices, answer: (answer: Answered) => void) {
    this.#element = element;
    this.#services = services;
    this.#answer = answer;
  }

  /** What comes may be anything: the frame shows what strangers wrote. The server looks at the rest. */
  async asked({ id, question }: Asked): Promise<void> {
    try {
      if (this.#open >= MOST_AT_ONCE) throw new Error("The output asks too much at once.");
      this.#open++;
      this.#answer({ type: "answer", id, value: await this.#find(question).finally(() => this.#open--) });
    } catch (error) {
      this.#answer({ type: "answer", id, error: messageOf(error) });
    }
  }

  // Private

  async #find(question: FrameQuestion): Promise<unknown> {
    if (question?.about === "markdown") return this.#services.renderMarkdown(String(question.source));
    if (question?.about === "table" && OF_TABLES.includes(question.type)) return this.#askTable(question.type, question.fields);
    throw new Error("An output cannot ask that.");
  }

  #askTable(type: TableCommand, fields: TableQuestion["fields"]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answer = (reply: Promise<unknown>): void => void reply.then(resolve, reject);
      emit<TableQuestion>(this.#element, TABLE_QUESTION, { type, fields, answer });
    });
  }
}
