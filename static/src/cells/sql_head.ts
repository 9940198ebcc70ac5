// The line above the text of an SQL cell: what it asks, how long an answer is kept, and what its result is called in the
// kernel.
// Its markup is in templates/notebook/_cell_tools.html.

import { find, fromTemplate } from "../dom";
import type { Cell, Source } from "../protocol/types";
import { AnswerChoice } from "./answer_choice";
import { ResultName } from "./result_name";
import { SourceChoice } from "./source_choice";

export interface SqlHeadActions {
  /** The result gets a new name. */
  rename(name: string): void;
  /** The cell asks this database; null: dataframes and files. */
  connect(connectionId: string | null): void;
  /** The databases that there are to ask. */
  sources(): Promise<readonly Source[]>;
  /** For so long an answer is good enough for another run. */
  cache(seconds: number): void;
}

export class SqlHead {
  #element = fromTemplate("template-cell-sql");
  #name: ResultName;
  #connectionId: string | null = null;
  #source: SourceChoice;
  #answers: AnswerChoice;

  constructor(before: HTMLElement, { rename, connect, sources, cache }: SqlHeadActions) {
    before.before(this.#element);
    this.#answers = new AnswerChoice(find(this.#element, "[data-part=answers]"), cache);
    const shown = (kind: string | null): void => this.#answers.showFor(this.#connectionId, kind);
    this.#source = new SourceChoice(find<HTMLSelectElement>(this.#element, "select"), connect, sources, shown);
    this.#name = new ResultName(find<HTMLInputElement>(this.#element, "input"), rename);
  }

  show({ result_name, connection_id, cache_seconds }: Cell): void {
    this.#name.show(result_name);
    this.#connectionId = connection_id;
    this.#source.show(connection_id);
    this.#answers.show(cache_seconds);
  }

  remove(): void {
    this.#element.remove();
  }
}
