// What an output renderer is. One module per renderer; `choose.ts` ranks them, `display.ts` falls back from one to the next.

import type { DisplayOutput, Output } from "../protocol/types";
import type { OutputServices } from "./services";

export interface Renderer {
  readonly element: HTMLElement;
  /** Show `output` in the same element; false if it is of another sort and needs another renderer. */
  update(output: Output): boolean;
  /** What is around it may be different: the cell ran, or is another. */
  refresh?(): void;
  /** The element leaves the page. */
  dispose?(): void;
}

/** Says that a renderer cannot show its output after all: the next best MIME type takes its place. */
export type Fail = (reason: unknown) => void;

/**
 * Makes the renderer of `output.data[type]`. It throws if it can tell at once that it cannot show that, and calls `fail`
 * if it turns out later.
 */
export type MakeRenderer = (output: DisplayOutput, type: string, fail: Fail, services: OutputServices) => Renderer;

export function isDisplay(output: Output): output is DisplayOutput {
  return output.output_type === "display_data" || output.output_type === "execute_result";
}
