// Dataframes, as a grid (../table), which is fetched when the first is shown. Its room is kept until then.

import type { DisplayOutput, Output } from "../protocol/types";
import { tableContent, TABLE_TYPE, type TableContent } from "../table/content";
import { type Fail, isDisplay, type Renderer } from "./renderer";

// As in table.css and table/grid.ts.
const HEAD_PX = 76;
const ROW_PX = 28;
const MOST_ROWS = 12;
const LEAST_ROWS = 2;

export class TableRenderer implements Renderer {
  readonly element = document.createElement("tandem-table");
  #content: TableContent;

  /** Throws if the output holds no table. */
  constructor(output: DisplayOutput, _type: string, fail: Fail) {
    this.#content = tableContent(output.data[TABLE_TYPE]);
    this.element.className = "output-table";
    const rows = Math.min(Math.max(this.#content.row_count, LEAST_ROWS), MOST_ROWS);
    this.element.style.setProperty("--table-room", `${HEAD_PX + rows * ROW_PX}px`);
    this.#start().catch(fail);
  }

  update(output: Output): boolean {
    if (!isDisplay(output)) return false;
    const content = output.data[TABLE_TYPE] as { table_id?: unknown } | undefined;
    return content?.table_id === this.#content.table_id;
  }

  async #start(): Promise<void> {
    const { TableElement } = await import("../table/table");
    customElements.upgrade(this.element);
    if (this.element instanceof TableElement) this.element.start(this.#content);
  }
}
