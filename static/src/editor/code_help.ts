// Help for whoever types code: how the text may go on, offered while one types and with Tab, and what a name is, with
// Shift+Tab or under the mouse. The server knows both; what it says is text.

import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  type CompletionContext,
  completionKeymap,
  type CompletionResult,
  completionStatus,
  startCompletion,
} from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { type EditorState, type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, hoverTooltip, type KeyBinding, keymap, showTooltip, type Tooltip } from "@codemirror/view";
import { sqlOffers } from "../databases/completion";
import type { Database } from "../databases/database";
import type { Completions } from "../protocol/types";
import { callsForInspection, callsForOffers, goesOn } from "./code_help_rules";
import { isSql, type Language } from "./languages";

/** Positions count UTF-16 units. */
export interface CodeHelp {
  complete(source: string, position: number): Promise<Completions>;
  /** What is there; empty if nothing is known of it. */
  inspect(source: string, position: number): Promise<string>;
  /** What SQL written here can ask; null if nothing is known of it. */
  database(): Promise<Database | null>;
}

const offerKeys: KeyBinding[] = [
  ...completionKeymap.filter(({ key }) => key !== "Escape"),
  { key: "Escape", run: closeOffers },
];

// The mouse rests that long on a name before anybody is asked.
const HOVER_MS = 500;
const NAMES = new Set(["VariableName", "PropertyName"]);

const NOTHING_KNOWN = "Nothing is known of this.";

/** `language`: that of the text now. Help is for Python and SQL. */
export function codeHelp(help: CodeHelp, language: () => Language | null): Extension {
  const isCode = (): boolean => language() === "python";
  const offers = (context: CompletionContext): Promise<CompletionResult | null> | null =>
    isCode() && (context.explicit || callsForOffers(beforeCursor(context.state, context.pos))) ? ask(help, context) : null;
  const names = async (context: CompletionContext): Promise<CompletionResult | null> => {
    if (!isCode()) return null;
    // What is bound in this very text, and did not run yet.
    const { localCompletionSource } = await import("@codemirror/lang-python");
    return localCompletionSource(context);
  };
  return [
    autocompletion({ override: [offers, names, ...sqlOffers(() => isSql(language()), () => help.database())], icons: false, maxRenderedOptions: 100, defaultKeymap: false }),
    Prec.highest(keymap.of(offerKeys)),
    inspection,
    hoverTooltip((view, position) => (isCode() ? inspectedAt(view.state, position, help) : null), { hoverTime: HOVER_MS, hideOnChange: true }),
    keymap.of([
      { key: "Tab", run: acceptCompletion },
      { key: "Tab", run: (view) => isCode() && complete(view), shift: (view) => isCode() && inspect(view, help) },
      { key: "Escape", run: closeInspection },
    ]),
  ];
}

async function ask(help: CodeHelp, context: CompletionContext): Promise<CompletionResult | null> {
  try {
    const { start, end, matches } = await help.complete(context.state.doc.toString(), context.pos);
    return { from: start, to: end, options: matches.map((label) => ({ label })), validFor: goesOn };
  } catch {
    // Without the server nothing is offered; the banner says why.
    return null;
  }
}

function complete(view: EditorView): boolean {
  const { main } = view.state.selection;
  return main.empty && callsForInspection(beforeCursor(view.state, main.head)) && startCompletion(view);
}

/** Offers that are still on their way are not in the way of leaving the text: they just do not come. */
function closeOffers(view: EditorView): boolean {
  const wereShown = completionStatus(view.state) === "active";
  closeCompletion(view);
  return wereShown;
}

// Inspection

const shownInspection = StateEffect.define<Tooltip | null>();

/** It goes with the next change of the text or the selection. */
const inspection = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    const effect = transaction.effects.find((each) => each.is(shownInspection));
    if (effect) return effect.value;
    return transaction.docChanged || transaction.selection ? null : shown;
  },
  provide: (field) => showTooltip.from(field),
});

function inspect(view: EditorView, help: CodeHelp): boolean {
  const { doc, selection } = view.state;
  const { head, empty } = selection.main;
  if (!empty || !callsForInspection(beforeCursor(view.state, head))) return false;
  closeCompletion(view); // one of the two at a time
  help.inspect(doc.toString(), head).then(
    (text) => {
      if (view.state.doc !== doc || view.state.selection.main.head !== head) return;
      view.dispatch({ effects: shownInspection.of(tooltipOf(head, text || NOTHING_KNOWN)) });
    },
    () => {}, // as above
  );
  return true;
}

/** Of the name there; null if nothing is known of it. */
async function inspectedAt(state: EditorState, position: number, help: CodeHelp): Promise<Tooltip | null> {
  const name = syntaxTree(state).resolveInner(position, 1);
  if (!NAMES.has(name.name)) return null;
  const text = await help.inspect(state.doc.toString(), name.to).catch(() => ""); // as above
  return text ? { ...tooltipOf(name.from, text), end: name.to } : null;
}

function closeInspection(view: EditorView): boolean {
  if (!view.state.field(inspection)) return false;
  view.dispatch({ effects: shownInspection.of(null) });
  return true;
}

function tooltipOf(pos: number, text: string): Tooltip {
  return {
    pos,
    create: () => {
      const dom = document.createElement("pre");
      dom.className = "code-inspection";
      dom.role = "status";
      dom.textContent = text.trim();
      return { dom };
    },
  };
}

function beforeCursor(state: EditorState, position: number): string {
  return state.doc.lineAt(position).text.slice(0, position - state.doc.lineAt(position).from);
}
