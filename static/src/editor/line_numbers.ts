// Whether lines have numbers, with which they can be folded too: the choice is the browser's.

import { foldGutter } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { lineNumbers } from "@codemirror/view";

const KEY = "tandem-line-numbers";

export function areLinesNumbered(): boolean {
  try {
    return localStorage.getItem(KEY) === "shown";
  } catch {
    return false;
  }
}

export function keepLinesNumbered(areNumbered: boolean): void {
  try {
    localStorage.setItem(KEY, areNumbered ? "shown" : "hidden");
  } catch {
    // Storage can be forbidden: the choice then holds for this page only.
  }
}

export function numberedLines(areNumbered: boolean): Extension {
  return areNumbered ? [lineNumbers(), foldGutter({ openText: "▾", closedText: "▸" })] : [];
}
