// One text being edited: a CodeMirror editor that several people can have open. It knows no cells: the keys that
// mean something to a notebook are given by whoever opens it.

import { closeBrackets, closeBracketsKeymap, closeCompletion, completionStatus } from "@codemirror/autocomplete";
import { getSyncedVersion } from "@codemirror/collab";
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from "@codemirror/commands";
import { bracketMatching, codeFolding, foldAll, foldCode, foldKeymap, indentOnInput, indentUnit, unfoldAll, unfoldCode } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { type ChangeDesc, Compartment, EditorState, type Extension, Prec, type Text, Transaction } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightSpecialChars,
  type KeyBinding,
  keymap,
  type ViewUpdate,
} from "@codemirror/view";
import type { Selection, Update } from "../protocol/types";
import { appearance } from "./appearance";
import { type CodeHelp, codeHelp } from "./code_help";
import { Collaboration, collaborative } from "./collab";
import "./font_readiness";
import { inlineCompletion, type Suggester } from "./inline_completion";
import { chosenKeys } from "./key_map";
import { type Language, loadedLanguage, loadLanguage } from "./languages";
import { numberedLines } from "./line_numbers";
import { failureSet, foundSet, marks, type Problem, problemsSet, type Range, type Replacement } from "./marks";
import { goToProblem, problemTooltips } from "./problems";
import type { Keeper, Remote } from "./remote";
import { type Peer, type RemoteCursor, RemoteCursors, remoteCursors, showsOthers } from "./remote_cursors";
import { storable } from "./storable";
import type { Leftover } from "./unsent";

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly version: number;
  readonly language: Language;
  readonly label: string;
  readonly readOnly: boolean;
  readonly hasLineNumbers: boolean;
  /** For whoever types code. */
  readonly help: CodeHelp;
  readonly suggester: Suggester;
  readonly remote: Remote;
  readonly keeper: Keeper;
  /** Win over the editor's own. */
  readonly keys: readonly KeyBinding[];
  /** Escape, once the editor itself has no use for it. */
  escape(): void;
  /** The text is another, or others are elsewhere in it. */
  changed(changes: ChangeDesc): void;
  /** `selection` is another one; `byOthers`, because of what they edited. */
  selectionMoved(byOthers: boolean): void;
}

const FOLDS = { fold: foldCode, unfold: unfoldCode, "fold-all": foldAll, "unfold-all": unfoldAll };
export type Fold = keyof typeof FOLDS;

export class Editor {
  #view: EditorView;
  #collaboration: Collaboration;
  #cursors: RemoteCursors;
  #grammar = new Compartment();
  #lineNumbers = new Compartment();
  #language: Language | null = null;
  #options: EditorOptions;

  constructor(options: EditorOptions) {
    this.#options = options;
    // Not in the page yet: there each of its attributes would have the browser lay the page out again.
    this.#view = new EditorView({ state: EditorState.create({ doc: options.text, extensions: this.#extensions() }) });
    this.#collaboration = new Collaboration(this.#view, options.remote, options.keeper);
    this.#cursors = new RemoteCursors(this.#view, this.#collaboration.log);
    this.#language = loadedLanguage(options.language) ? options.language : null;
    this.setLanguage(options.language);
    options.parent.append(this.#view.dom);
  }

  // Lifecycle

  close(): void {
    this.#collaboration.stop();
    this.#view.destroy();
  }

  // Actions

  get text(): string {
    return this.#view.state.doc.toString();
  }

  get doc(): Text {
    return this.#view.state.doc;
  }

  /** The cursors of others. */
  get others(): readonly RemoteCursor[] {
    return this.#view.state.field(remoteCursors);
  }

  get hasUnsent(): boolean {
    return this.#collaboration.hasUnsent;
  }

  /** The server's version of the text that is shown; unless flushed, more may have been typed since. */
  get version(): number {
    return this.#collaboration.version;
  }

  /** Where the main cursor is, in UTF-16 units. */
  get cursor(): number {
    return this.#view.state.selection.main.head;
  }

  /** The main selection in a text that the server knows; null while it does not know all that was typed. */
  get selection(): Selection | null {
    const { anchor, head } = this.#view.state.selection.main;
    return this.hasUnsent ? null : { version: this.version, anchor, head };
  }

  get selectedText(): string {
    const { from, to } = this.#view.state.selection.main;
    return this.#view.state.sliceDoc(from, to);
  }

  /** Whether the cursor is on the first or last line, for leaving it with the arrow keys. */
  isAtEdge(direction: "up" | "down"): boolean {
    const { doc, selection } = this.#view.state;
    // The arrows then go through what is offered.
    if (!selection.main.empty || completionStatus(this.#view.state) === "active") return false;
    const line = doc.lineAt(selection.main.head).number;
    return direction === "up" ? line === 1 : line === doc.lines;
  }

  focus(at?: "start" | "end"): void {
    if (at) this.#view.dispatch({ selection: { anchor: at === "start" ? 0 : this.#view.state.doc.length } });
    this.#view.focus();
  }

  /** Put the cursor on a line, from 1, and that in view. */
  goToLine(line: number): void {
    const { doc } = this.#view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.#view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
  }

  /** Nothing more is offered for what was typed. */
  endOffers(): void {
    closeCompletion(this.#view);
  }

  setLanguage(language: Language): void {
    if (language === this.#language) return;
    this.#language = language;
    // Text without colours, if the grammar cannot be loaded, is still text.
    void this.#loadGrammar(language).catch(() => {});
  }

  receive(version: number, updates: readonly Update[]): void {
    this.#collaboration.receive(version, updates);
  }

  flush(): Promise<void> {
    return this.#collaboration.flush();
  }

  /** See `Collaboration.adopt`. */
  adopt(leftover: Leftover): Promise<boolean> {
    return this.#collaboration.adopt(leftover);
  }

  /** The name at the cursor, or at a point of the window; empty if there is none. */
  wordAt(point?: { readonly x: number; readonly y: number }): string {
    const { state } = this.#view;
    const position = point ? this.#view.posAtCoords(point) : state.selection.main.head;
    const word = position === null ? null : state.wordAt(position);
    return word ? state.sliceDoc(word.from, word.to) : "";
  }

  selectRange(from: number, to: number): void {
    const { length } = this.#view.state.doc;
    const selection = { anchor: Math.min(from, length), head: Math.min(to, length) };
    this.#view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
  }

  /** Others see it there; nothing scrolls. */
  placeCursor(at: number): void {
    this.#view.dispatch({ selection: { anchor: at } });
  }

  undo(): void {
    undo(this.#view);
  }

  redo(): void {
    redo(this.#view);
  }

  /** One edit, as by typing: it can be undone, and others see it. */
  replace(changes: readonly Replacement[]): void {
    this.#view.dispatch({ changes: [...changes], userEvent: "input.replace" });
  }

  /** At the cursor, in place of what is selected, as by typing. */
  insert(text: string): void {
    this.#view.dispatch(this.#view.state.replaceSelection(text), { userEvent: "input", scrollIntoView: true });
  }

  showLineNumbers(areShown: boolean): void {
    this.#view.dispatch({ effects: this.#lineNumbers.reconfigure(numberedLines(areShown)) });
  }

  showFound(ranges: readonly Range[], current: Range | null): void {
    this.#view.dispatch({ effects: foundSet.of({ ranges, current }) });
  }

  showProblems(problems: readonly Problem[]): void {
    this.#view.dispatch({ effects: problemsSet.of(problems) });
  }

  /** To the next one that is marked, or the one before, with what it says; false if there is none. */
  goToProblem(direction: 1 | -1): boolean {
    return goToProblem(this.#view, direction);
  }

  /** Fold the block that begins in the cursor's line, unfold it, or do that with all. */
  fold(what: Fold): void {
    FOLDS[what](this.#view);
  }

  /** Where the last run failed, until the text is another. */
  showFailure(failure: Problem | null): void {
    this.#view.dispatch({ effects: failureSet.of(failure) });
  }

  /** Who else has a cursor here. */
  showPeers(peers: readonly Peer[]): void {
    this.#cursors.show(peers);
  }

  // Private

  async #loadGrammar(language: Language): Promise<void> {
    const grammar = await loadLanguage(language);
    if (language === this.#language) this.#view.dispatch({ effects: this.#grammar.reconfigure(grammar) });
  }

  #extensions(): Extension {
    const { keys, language, label, version, readOnly, hasLineNumbers, escape, help, suggester } = this.#options;
    const spellcheck = String(language === "markdown");
    return [
      Prec.highest(keymap.of([...keys])),
      readOnly ? [] : [chosenKeys(escape), inlineCompletion(suggester), codeHelp(help, () => this.#language)],
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, indentWithTab]),
      Prec.lowest(keymap.of([{ key: "Escape", run: () => (escape(), true) }])),
      // The text is what the server has, to the character: a carriage return is not a line break.
      EditorState.lineSeparator.of("\n"),
      EditorView.clipboardInputFilter.of(storable),
      history(),
      indentUnit.of("    "),
      EditorState.tabSize.of(4),
      [indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(), search({ top: true })],
      [highlightSpecialChars(), drawSelection(), dropCursor(), EditorView.lineWrapping, appearance()],
      this.#grammar.of(loadedLanguage(language) ?? []),
      [this.#lineNumbers.of(numberedLines(hasLineNumbers)), codeFolding({ placeholderText: "…" }), marks(), problemTooltips()],
      collaborative(version),
      showsOthers(),
      EditorState.readOnly.of(readOnly),
      EditorView.editable.of(!readOnly),
      EditorView.contentAttributes.of({ "aria-label": label, autocapitalize: "off", spellcheck }),
      EditorView.updateListener.of((update) => this.#updated(update)),
    ];
  }

  #updated({ startState, state, changes, transactions, docChanged, selectionSet }: ViewUpdate): void {
    this.#collaboration.stateChanged(startState, state);
    if (docChanged || startState.field(remoteCursors) !== state.field(remoteCursors)) this.#options.changed(changes);
    const versionChanged = getSyncedVersion(startState) !== getSyncedVersion(state);
    if (versionChanged) this.#cursors.refresh();
    if (!versionChanged && !docChanged && !selectionSet) return;
    this.#options.selectionMoved(transactions.every((transaction) => transaction.annotation(Transaction.remote)));
  }
}
