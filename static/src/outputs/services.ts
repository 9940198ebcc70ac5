// What the outputs of a cell need of their notebook.

/** A cell and what people call it. */
export interface CellPlace {
  readonly cellId: string;
  readonly name: string;
}

export interface OutputServices {
  /** Markdown as HTML that is safe to put into the page. */
  renderMarkdown(source: string): Promise<string>;
  /** The cell whose last run had this execution count; null if no cell has it any more. */
  cellOfRun(executionCount: number): CellPlace | null;
}
