// Two texts with their differences marked, over @codemirror/merge: side by side, or in one column. Loaded when the
// first is shown (comparison.ts).

import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { appearance } from "../editor/appearance";
import { type Language, loadLanguage } from "../editor/languages";

export interface Compared {
  readonly before: string;
  readonly after: string;
  readonly language: Language;
}

export interface Layout {
  readonly columns: 1 | 2;
  /** Leave out long stretches that are the same. */
  readonly collapsed: boolean;
}

/** Lines that are the same, left in view around a change. */
const MARGIN_LINES = 3;

/** The element to put in the page, and how to let go of it. */
export interface Merged {
  readonly dom: HTMLElement;
  destroy(): void;
}

export async function mergeView({ before, after, language }: Compared, layout: Layout): Promise<Merged> {
  const [a, b] = before === after ? [linesOf(before), linesOf(after)] : [ended(before), ended(after)];
  // Text without colours, if the grammar cannot be loaded, is still text.
  const grammar = await loadLanguage(language).catch(() => []);
  const shared = { gutter: true, ...(layout.collapsed ? { collapseUnchanged: { margin: MARGIN_LINES } } : {}) };
  if (layout.columns === 1) {
    const unified = unifiedMergeView({ original: a, mergeControls: false, ...shared });
    return new EditorView({ doc: b, extensions: [reading("Differences", grammar), unified] });
  }
  return new MergeView({
    a: { doc: a, extensions: reading("Before", grammar) },
    b: { doc: b, extensions: reading("After", grammar) },
    ...shared,
  });
}

function linesOf(text: string): Text {
  return Text.of(text.split("\n"));
}

/** With an end after the last line too: else one that is added below it would mark it as changed. */
function ended(text: string): Text {
  return text === "" ? Text.empty : linesOf(`${text}\n`);
}

function reading(label: string, grammar: Extension): Extension {
  return [
    EditorState.lineSeparator.of("\n"),
    EditorState.tabSize.of(4),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    appearance(),
    grammar,
  ];
}
