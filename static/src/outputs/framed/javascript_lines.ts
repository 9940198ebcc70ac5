// Where in the text of a JavaScript cell something went wrong.

import { errorOf } from "./script";

/** What stacks call the cell's code. */
export const SOURCE_NAME = "javascript-cell.js";
const PLACE = new RegExp(`${SOURCE_NAME.replace(".", "\\.")}:(\\d+)`);
// The head of a function that is made of text, as the specification of CreateDynamicFunction writes it.
const HEAD_LINES = 2;

/** Of what was thrown while the code ran; null if that says nothing. */
export function lineOfError(error: unknown): number | null {
  const place = error instanceof Error ? PLACE.exec(error.stack ?? "") : null;
  return place ? Number(place[1]) - HEAD_LINES : null;
}

/** Functions that are made of text do not say it; scripts do. */
export function lineOfSyntaxError(source: string): number | null {
  const script = document.createElement("script");
  script.textContent = `async () => { "use strict"; ${source}\n}`;
  const failure = errorOf(() => document.head.append(script));
  script.remove();
  return failure?.lineno ?? null;
}
