// What an output renderer is. One module per renderer; `choose.ts` ranks them.

import type { Output } from "../protocol/types";

export interface Renderer {
  readonly element: HTMLElement;
  /** Show `output` in the same element; false if it is of another sort and needs another renderer. */
  update(output: Output): boolean;
  /** The element leaves the page. */
  dispose?(): void;
}
