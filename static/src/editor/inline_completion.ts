// What the assistant would write next, in grey behind the cursor. Tab takes it (Enter takes what the list of names offers);
// Escape, or typing anything else, leaves it. The text is not changed before it is taken: nobody else sees it.

import { closeCompletion, completionStatus } from "@codemirror/autocomplete";
import { type EditorState, type Extension, Prec, StateEffect, StateField, type Transaction } from "@codemirror/state";
import { Decoration, EditorView, keymap, ViewPlugin, type ViewUpdate, WidgetType } from "@codemirror/view";

/** Positions count UTF-16 units. */
export interface Suggester {
  /** Whether the person wants any. */
  isOn(): boolean;
  /** Empty if nothing is to be added. */
  suggest(source: string, position: number): Promise<string>;
}

// Whoever pauses for so long might want to know how it goes on.
const PAUSE_MS = 600;
// Only what closes something may be behind the cursor: a suggestion within a line cannot be told from its rest.
const CLOSES_LINE = /^[\s)\]}'",:;]*$/;

interface Suggestion {
  readonly position: number;
  readonly text: string;
}

const suggested = StateEffect.define<Suggestion | null>();

const suggestion = StateField.define<Suggestion | null>({
  create: () => null,
  update(shown, transaction) {
    const effect = transaction.effects.find((each) => each.is(suggested));
    if (effect) return effect.value;
    return shown && goneOn(shown, transaction);
  },
  provide: (field) =>
    EditorView.decorations.from(field, (shown) => {
      if (!shown) return Decoration.none;
      const widget = new Ghost(shown.text);
      return Decoration.set(Decoration.widget({ widget, side: 1 }).range(shown.position));
    }),
});

export function inlineCompletion(suggester: Suggester): Extension {
  return [
    suggestion,
    ViewPlugin.define((view) => new Pauses(view, suggester)),
    Prec.highest(keymap.of([{ key: "Tab", run: take }, { key: "Escape", run: leave }])),
  ];
}

/** Whoever types what was suggested sees the rest of it. */
function goneOn(shown: Suggestion, { docChanged, changes, newDoc, newSelection, selection }: Transaction): Suggestion | null {
  if (!docChanged) return selection && newSelection.main.head !== shown.position ? null : shown;
  const head = newSelection.main.head;
  if (changes.mapPos(shown.position, 1) !== head || changes.mapPos(shown.position, -1) !== shown.position) return null;
  const typed = newDoc.sliceString(shown.position, head);
  const rest = shown.text.slice(typed.length);
  return rest && shown.text.startsWith(typed) ? { position: head, text: rest } : null;
}

function take(view: EditorView): boolean {
  const shown = view.state.field(suggestion);
  if (!shown) return false;
  closeCompletion(view);
  view.dispatch({
    changes: { from: shown.position, insert: shown.text },
    selection: { anchor: shown.position + shown.text.length },
    effects: suggested.of(null),
    userEvent: "input.complete",
    scrollIntoView: true,
  });
  return true;
}

function leave(view: EditorView): boolean {
  // The list of names goes first.
  if (!view.state.field(suggestion) || completionStatus(view.state) === "active") return false;
  view.dispatch({ effects: suggested.of(null) });
  return true;
}

/** Asks when somebody pauses, and never twice at the same time. */
class Pauses {
  #view: EditorView;
  #suggester: Suggester;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  constructor(view: EditorView, suggester: Suggester) {
    [this.#view, this.#suggester] = [view, suggester];
  }

  update({ docChanged, selectionSet, transactions, state }: ViewUpdate): void {
    if (!docChanged && !selectionSet) return;
    clearTimeout(this.#timer);
    const isTyped = transactions.some((each) => each.isUserEvent("input") && !each.isUserEvent("input.complete"));
    if (!isTyped || state.field(suggestion) || !this.#suggester.isOn() || !isAtEnd(state)) return;
    this.#timer = setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { doc, selection } = this.#view.state;
    const position = selection.main.head;
    try {
      const text = await this.#suggester.suggest(doc.toString(), position);
      const { state } = this.#view;
      if (!text || state.doc !== doc || state.selection.main.head !== position || !this.#view.hasFocus) return;
      this.#view.dispatch({ effects: suggested.of({ position, text }) });
    } catch {
      // A suggestion that does not come is missed by nobody; the panel of the assistant says what is wrong.
    } finally {
      this.#isAsking = false;
    }
  }
}

function isAtEnd({ doc, selection: { main } }: EditorState): boolean {
  if (!main.empty || doc.length === 0) return false;
  const line = doc.lineAt(main.head);
  return CLOSES_LINE.test(line.text.slice(main.head - line.from));
}

class Ghost extends WidgetType {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override eq(other: Ghost): boolean {
    return other.text === this.text;
  }

  toDOM(): HTMLElement {
    const ghost = document.createElement("span");
    ghost.className = "suggested-text";
    ghost.textContent = this.text;
    ghost.ariaHidden = "true";
    return ghost;
  }
}
