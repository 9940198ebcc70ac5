// The line above the text of an SQL cell: what it asks, and what its result is called in the kernel.
// Its markup is in templates/notebook/_cell_tools.html.

import { find, fromTemplate } from "../dom";
import type { Source } from "../protocol/types";
import { ResultName } from "./result_name";
import { SourceChoice } from "./source_choice";

export interface SqlHeadActions {
  /** The result gets a new name. */
  rename(name: string): void;
  /** The cell asks this database; null: dataframes and files. */
  connect(connectionId: string | null): void;
  /** The databases that there are to ask. */
  sources(): Promise<readonly Source[]>;
}

export class SqlHead {
  #element = fromTemplate("template-cell-sql");
  #name: ResultName;
  #choice: SourceChoice;

  constructor(before: HTMLElement, { rename, connect, sources }: SqlHeadActions) {
    before.before(this.#element);
    this.#choice = new SourceChoice(find<HTMLSelectElement>(this.#element, "select"), connect, sources);
    this.#name = new ResultName(find<HTMLInputElement>(this.#element, "input"), rename);
  }

  show(resultName: string, connectionId: string | null): void {
    this.#name.show(resultName);
    this.#choice.show(connectionId);
  }

  remove(): void {
    this.#element.remove();
  }
}
