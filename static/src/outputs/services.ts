// What the outputs of a cell need of their notebook.

import type { FileReference } from "../protocol/types";

/** A cell and what people call it. */
export interface CellPlace {
  readonly cellId: string;
  readonly name: string;
}

export interface OutputServices {
  /** Markdown as HTML that is safe to put into the page. */
  renderMarkdown(source: string): Promise<string>;
  /** Where a file is that the notebook has put out. */
  fileAddress(reference: FileReference): string;
  /** The cell whose last run had this execution count; null if no cell has it any more. */
  cellOfRun(executionCount: number): CellPlace | null;
}
