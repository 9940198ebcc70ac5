// The whole notebook on paper. A browser prints what is drawn at that moment, so what is far away is drawn before it is
// asked to.

import type { CellList } from "./cell_list";

// What is not drawn by then is printed as it is: Markdown as its text, outputs with the room that is kept for them.
const PATIENCE_MS = 20_000;
const LOOK_MS = 100;
// Outputs that have just come into view may still be loading what draws them.
const CALM_LOOKS = 3;

/** Whether all was drawn in time. */
export async function printNotebook(cells: CellList): Promise<boolean> {
  cells.showAll();
  const end = performance.now() + PATIENCE_MS;
  let calm = 0;
  while (calm < CALM_LOOKS && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    calm = cells.elements.some(isBeingDrawn) ? 0 : calm + 1;
  }
  window.print();
  return calm === CALM_LOOKS;
}

function isBeingDrawn(cell: HTMLElement): boolean {
  const frames = [...cell.querySelectorAll<HTMLIFrameElement>(".output-frame iframe")];
  for (const frame of frames) frame.loading = "eager";
  return (
    cell.querySelector("[data-part=preview][data-plain]") !== null ||
    cell.querySelector(".output-frame:not([data-drawn])") !== null ||
    [...cell.querySelectorAll("img")].some((image) => !image.complete)
  );
}
