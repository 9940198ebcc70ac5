// What a table on the page asks the server. The page has the connection: it listens for TABLE_QUESTION and answers.

import { emit } from "../dom";
import type { Commands, Fields, Result } from "../protocol/types";
import { type Cell, type Row, type Summary, summaryOf } from "./content";
import type { View } from "./view";

export const TABLE_QUESTION = "table-question";

/** Escape: the cell that the table is in takes the focus. */
export const TABLE_LEFT = "table-left";

export type TableCommand = "table_page" | "table_cell" | "table_summary" | "table_file";

export interface TableQuestion<Name extends TableCommand = TableCommand> {
  readonly type: Name;
  readonly fields: Fields<Name>;
  answer(reply: Promise<Result<Name>>): void;
}

export interface Page {
  readonly row_count: number;
  /** Of the rows, in the whole table. */
  readonly numbers: readonly number[];
  readonly rows: readonly Row[];
}

// The server answers within a quarter of a second at least that it is not done.
const ASK_AGAIN_MS = 100;

export class TableServer {
  #element: HTMLElement;
  #tableId: string;

  constructor(element: HTMLElement, tableId: string) {
    this.#element = element;
    this.#tableId = tableId;
  }

  page(view: View, offset: number, limit: number): Promise<Page> {
    return this.#ask("table_page", { table_id: this.#tableId, view, offset, limit });
  }

  async cell(row: number, column: number): Promise<Cell> {
    return (await this.#ask("table_cell", { table_id: this.#tableId, row, column })).text;
  }

  async summaries(from: number, to: number): Promise<readonly (Summary | null)[]> {
    const { summaries } = await this.#ask("table_summary", { table_id: this.#tableId, columns: [from, to] });
    return summaries.map(summaryOf);
  }

  /** Resolves when the file is ready to be fetched. */
  async makeFile(view: View, format: string): Promise<void> {
    await this.#ask("table_file", { table_id: this.#tableId, view, format });
  }

  async #ask<Name extends TableCommand>(type: Name, fields: Fields<Name>): Promise<Done<Name>> {
    for (;;) {
      const result = await this.#askOnce(type, fields);
      if (!result.is_pending) return result as Done<Name>;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  #askOnce<Name extends TableCommand>(type: Name, fields: Fields<Name>): Promise<Result<Name>> {
    return new Promise((resolve, reject) => {
      // Nobody listens to what has left the page.
      if (!this.#element.isConnected) return reject(new Error("The table is gone."));
      const question: TableQuestion<Name> = { type, fields, answer: (reply) => void reply.then(resolve, reject) };
      emit(this.#element, TABLE_QUESTION, question);
    });
  }
}

type Done<Name extends TableCommand> = Extract<Commands[Name][1], { is_pending: false }>;
