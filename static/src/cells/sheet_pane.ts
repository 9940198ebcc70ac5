// What a sheet cell has besides the editor of its text: the line above it, and the grid (../sheet) that is shown in the
// editor's place, which is fetched when the first is shown. The text itself is shown if somebody wants it, or if its first
// line cannot be one of a grid. The markup is in templates/notebook/_sheet.html.

import type { ChangeDesc } from "@codemirror/state";
import { find, fromTemplate } from "../dom";
import type { Editor } from "../editor/editor";
import type { Sheet } from "../sheet/sheet";
import { BEGINNING, columnsOf, rowCountOf } from "../sheet/sheet_text";
import { ResultName } from "./result_name";

export interface SheetPaneActions {
  /** The dataframe gets a new name. */
  rename(name: string): void;
  /** Put the focus on the cell. */
  leave(): void;
  report(error: unknown): void;
}

export class SheetPane {
  #bar = fromTemplate("template-sheet-bar");
  #cell: HTMLElement;
  #canEdit: boolean;
  #actions: SheetPaneActions;
  #name: ResultName;
  #resultName = "";
  #editor: Editor | null = null;
  #sheet: Sheet | null = null;
  #wantsText = false;
  /** It is to get the focus when it is there. */
  #isAwaited = false;

  constructor(cell: HTMLElement, canEdit: boolean, actions: SheetPaneActions) {
    this.#cell = cell;
    this.#canEdit = canEdit;
    this.#actions = actions;
    this.#name = new ResultName(find<HTMLInputElement>(this.#bar, "input"), (name) => actions.rename(name));
    find(this.#bar, "[data-part=text]").onclick = () => this.#toggle();
    const begin = this.#bar.querySelector<HTMLElement>("[data-part=begin]");
    if (begin) begin.onclick = () => this.#begin();
    this.#place.before(this.#bar);
  }

  // Lifecycle

  /** The editor of its text opened. */
  async attach(editor: Editor): Promise<void> {
    this.#editor = editor;
    this.#place.addEventListener("focusin", this.#textFocused);
    this.changed();
    const { leave, report } = this.#actions;
    const module = await import("../sheet/sheet").catch(report);
    // Meanwhile it may have closed, or the cell become another.
    if (this.#editor !== editor) return;
    if (!module) return this.#showText();
    const columns = columnsOf(editor.doc.line(1).text);
    this.#sheet = new module.Sheet(editor, typeof columns === "string" ? [] : columns, { canEdit: this.#canEdit, leave, report });
    this.#sheet.name(this.#resultName);
    this.#place.append(this.#sheet.element);
    this.changed();
    if (this.#isAwaited) this.focus();
  }

  /** It closed. */
  detach(): void {
    this.#editor = null;
    this.#place.removeEventListener("focusin", this.#textFocused);
    this.#sheet?.stop();
    this.#sheet = null;
  }

  remove(): void {
    this.detach();
    delete this.#cell.dataset["view"];
    this.#bar.remove();
  }

  // Actions

  show(resultName: string): void {
    this.#resultName = resultName;
    this.#name.show(resultName);
    this.#sheet?.name(resultName);
  }

  /** The text is another, or others are elsewhere in it. */
  changed(changes?: ChangeDesc): void {
    if (!this.#editor) return;
    const { doc } = this.#editor;
    const columns = columnsOf(doc.line(1).text);
    const isGrid = typeof columns !== "string";
    if (isGrid) this.#sheet?.show(columns, changes);
    this.#cell.dataset["view"] = isGrid && !this.#wantsText ? "grid" : "text";
    this.#showBar(isGrid ? "" : columns, isGrid ? sizeOf(rowCountOf(doc), columns.length) : "");
  }

  /** Whether it takes the focus: it does not while the text is shown. */
  focus(): boolean {
    if (!this.#isGrid) return false;
    this.#isAwaited = this.#sheet === null;
    this.#sheet?.focus();
    return true;
  }

  /** What is being typed becomes a value. */
  commit(): void {
    this.#sheet?.commit();
  }

  /** To what is at this position of the text. */
  goTo(position: number): void {
    if (this.#isGrid) this.#sheet?.goTo(position);
  }

  // Private

  get #place(): HTMLElement {
    return find(this.#cell, "[data-part=editor]");
  }

  get #isGrid(): boolean {
    return this.#cell.dataset["view"] === "grid";
  }

  #showBar(problem: string, size: string): void {
    const isEmpty = this.#editor?.doc.length === 0;
    const text = find<HTMLButtonElement>(this.#bar, "[data-part=text]");
    text.ariaPressed = String(!this.#isGrid);
    text.disabled = problem !== "";
    find(this.#bar, "[data-part=size]").textContent = size;
    find(this.#bar, "[data-part=problem]").textContent = problem;
    find(this.#bar, "[data-part=problem]").hidden = problem === "";
    const begin = this.#bar.querySelector<HTMLElement>("[data-part=begin]");
    if (begin) begin.hidden = !isEmpty;
  }

  #toggle(): void {
    this.commit();
    this.#wantsText = this.#isGrid;
    this.changed();
    if (!this.focus()) this.#editor?.focus();
  }

  #showText(): void {
    this.#wantsText = true;
    this.changed();
  }

  #begin(): void {
    this.#wantsText = false;
    this.#editor?.replace([{ from: 0, to: 0, insert: BEGINNING }]);
    this.focus();
  }

  /** Who mends the text by hand goes on with it until they say so. */
  #textFocused = (event: FocusEvent): void => {
    if ((event.target as Element).closest(".cm-editor")) this.#wantsText = true;
  };
}

function sizeOf(rows: number, columns: number): string {
  return `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"} × ${columns} ${columns === 1 ? "column" : "columns"}`;
}
