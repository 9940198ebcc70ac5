// The numbers of lines, with which they can be folded too.

import { foldGutter } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { lineNumbers } from "@codemirror/view";

export function numberedLines(areNumbered: boolean): Extension {
  return areNumbered ? [lineNumbers(), foldGutter({ openText: "▾", closedText: "▸" })] : [];
}
