// What the outputs of a cell need of their notebook.

import type { DisplayOutput, FileReference } from "../protocol/types";
import type { Fail, Renderer } from "./renderer";

/** A cell and what people call it. */
export interface CellPlace {
  readonly cellId: string;
  readonly name: string;
}

/** `contentType`: what of the bundle is shown, if that is not `type` itself. */
export type MakeFramed = (output: DisplayOutput, type: string, fail: Fail, contentType?: string) => Renderer;

export interface OutputServices {
  /** What brings scripts or styles along, or makes code of what it is given. */
  readonly framed: MakeFramed;
  /** Markdown as HTML that is safe to put into the page. */
  renderMarkdown(source: string): Promise<string>;
  /** Where a file is that the notebook has put out. */
  fileAddress(reference: FileReference): string;
  /** The cell whose last run had this execution count; null if no cell has it any more. */
  cellOfRun(executionCount: number): CellPlace | null;
}
