// A sheet as people edit it: a grid with the keys of spreadsheets, over the text of the cell's editor. Each edit is a
// change of that text, so that sending, undoing, merging and all else is what it is for any text.

import type { ChangeDesc, Text } from "@codemirror/state";
import { find, fromTemplate } from "../dom";
import type { Replacement } from "../editor/marks";
import type { RemoteCursor } from "../editor/remote_cursors";
import { storable } from "../editor/storable";
import "../panels/menu";
import type { Menu } from "../panels/menu";
import { tabSeparated } from "../table/cell_text";
import { HEAD, isIn, moved, type Place, type Rectangle } from "../table/selection";
import { type ColumnAction, ColumnCard } from "./column_card";
import { changeColumn, deleteColumns, deleteRows, insertColumn, insertRows, putValues } from "./edits";
import { Entry } from "./entry";
import { followed } from "./following";
import { placeOf, SheetGrid } from "./grid";
import { paste, rowsIn, TooMuch, unused } from "./pasting";
import { MAX_COLUMNS, MAX_ROWS, rowCountOf, rowFields, type SheetColumn } from "./sheet_text";

/** The editor of the cell's text. */
export interface SheetEditor {
  readonly doc: Text;
  readonly others: readonly RemoteCursor[];
  replace(changes: readonly Replacement[]): void;
  placeCursor(at: number): void;
  undo(): void;
  redo(): void;
}

export interface SheetOptions {
  readonly canEdit: boolean;
  /** Escape, once the grid itself has no use for it. */
  leave(): void;
  /** Something did not work; the message says what to do. */
  report(error: unknown): void;
}

export class Sheet {
  readonly element = fromTemplate("template-sheet");
  #editor: SheetEditor;
  #options: SheetOptions;
  #doc: Text;
  #columns: readonly SheetColumn[];
  #grid: SheetGrid;
  #entry: Entry;
  #card: ColumnCard | null = null;
  #menu: Menu | null = null;

  constructor(editor: SheetEditor, columns: readonly SheetColumn[], options: SheetOptions) {
    this.#editor = editor;
    this.#options = options;
    this.#columns = columns;
    this.#doc = editor.doc;
    this.#grid = new SheetGrid(find(this.element, "[data-part=grid]"), editor.doc, options.canEdit);
    this.#entry = new Entry(find<HTMLTextAreaElement>(this.element, "[data-part=entry]"));
    if (options.canEdit) this.#equip();
    this.#listen();
    this.show(columns);
  }

  // Lifecycle

  stop(): void {
    this.#grid.stop();
    this.element.remove();
  }

  // Actions

  /** The text is another, or others are elsewhere in it. */
  show(columns: readonly SheetColumn[], changes?: ChangeDesc): void {
    const [before, { doc }] = [this.#doc, this.#editor];
    const follow = (place: Place): Place => (changes && !changes.empty ? followed(place, before, doc, changes) : place);
    const [active, anchor] = [follow(this.#grid.active), follow(this.#grid.anchor)];
    if (this.#entry.place) this.#entry.place = follow(this.#entry.place);
    [this.#doc, this.#columns] = [doc, columns];
    this.#grid.show(doc, columns, this.#visitors());
    this.#grid.select(active, anchor);
    this.#placeEntry();
  }

  name(name: string): void {
    this.#grid.element.setAttribute("aria-label", `Sheet ${name}`);
  }

  focus(): void {
    this.#grid.element.focus({ preventScroll: true });
  }

  /** To what is at this position of the text. */
  goTo(position: number): void {
    const line = this.#doc.lineAt(Math.min(position, this.#doc.length));
    const row = line.number - 2;
    const column = rowFields(this.#doc, row).findIndex(({ to }) => to >= position);
    this.#go({ row, column: Math.max(0, column) });
  }

  /** What is being typed becomes the value. */
  commit(): void {
    const { place } = this.#entry;
    if (!place) return;
    const hadFocus = document.activeElement === this.#entry.field;
    const value = storable(this.#entry.take());
    if (hadFocus) this.focus();
    this.#edit(putValues(this.#doc, place.row, place.column, [[value]]), this.#grid.active);
  }

  // Private

  #equip(): void {
    this.#card = new ColumnCard(find<HTMLFormElement>(this.element, "[data-part=column]"), {
      change: (place, column) => this.#edit(changeColumn(this.#doc, place, column)),
      act: (place, action) => this.#changeColumns(place, action),
    });
    this.#menu = find<Menu>(this.element, "[data-part=rows]");
    this.#menu.addEventListener("click", ({ target }) => this.#rowsChosen(target));
    this.#entry.field.addEventListener("keydown", (event) => this.#typed(event));
    this.#entry.field.addEventListener("blur", () => document.hasFocus() && this.commit());
  }

  #listen(): void {
    const { element } = this.#grid;
    element.addEventListener("scroll", () => this.#placeEntry(), { passive: true });
    element.addEventListener("keydown", (event) => this.#keyPressed(event));
    element.addEventListener("pointerdown", (event) => this.#pressed(event));
    element.addEventListener("click", (event) => this.#clicked(event));
    element.addEventListener("dblclick", ({ target }) => this.#doubleClicked(target));
    element.addEventListener("contextmenu", (event) => this.#menuWanted(event));
    element.addEventListener("copy", (event) => this.#copying(event));
    element.addEventListener("cut", (event) => this.#copying(event));
    element.addEventListener("paste", (event) => this.#pasting(event));
  }

  /** Where others are. */
  #visitors(): { place: Place; label: string; colour: number }[] {
    return this.#editor.others.map(({ head, peer }) => {
      const line = this.#editor.doc.lineAt(head);
      const fields = rowFields(this.#editor.doc, line.number - 2);
      const column = fields.findIndex(({ to }) => to >= head);
      return { place: { row: line.number - 2, column: Math.max(0, column) }, label: peer.label, colour: peer.colour };
    });
  }

  #edit(changes: readonly Replacement[], then?: Place): void {
    if (changes.length > 0) this.#editor.replace(changes);
    if (then) this.#go(then);
  }

  #go(active: Place, anchor?: Place): void {
    this.#grid.select(active, anchor);
    this.#grid.reveal(this.#grid.active);
    const fields = rowFields(this.#doc, this.#grid.active.row);
    const at = fields[this.#grid.active.column] ?? fields.at(-1);
    if (at) this.#editor.placeCursor(at.from);
  }

  // Keys

  #keyPressed(event: KeyboardEvent): void {
    if (event.target !== this.#grid.element || event.isComposing) return;
    if (!this.#isMove(event) && !(this.#options.canEdit && this.#isEdit(event)) && !this.#isLook(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #isMove(event: KeyboardEvent): boolean {
    if (event.altKey) return false;
    const { active, anchor, rowCount, pageRows } = this.#grid;
    const place = moved(active, event, { rowCount, pageRows, columnCount: this.#columns.length });
    if (place) this.#go(place, event.shiftKey ? anchor : undefined);
    return place !== null;
  }

  /** Whether the key does something that viewers can do too. */
  #isLook({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
    const isControl = ctrlKey || metaKey;
    if (key === "Escape") this.#options.leave();
    else if (key === "a" && isControl) this.#selectAll();
    else return false;
    return true;
  }

  /** Whether the key changes the sheet, or begins to. */
  #isEdit(event: KeyboardEvent): boolean {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    // With AltGr, which is Ctrl and Alt to some systems, people type signs.
    const isTyped = event.getModifierState("AltGraph");
    if ((ctrlKey || metaKey) && !isTyped) return this.#isUndo(key.toLowerCase(), shiftKey);
    if (altKey && !isTyped) return key === "ArrowDown" && this.#openMenu(this.#grid.active);
    const { active } = this.#grid;
    if (key === "Tab") return this.#tab(active, shiftKey ? -1 : 1);
    if (key === "Delete" || key === "Backspace") this.#clear();
    else if (key === "ContextMenu" || (shiftKey && key === "F10")) this.#openMenu(active);
    else if (active.row === HEAD) return (key === "Enter" || key === "F2") && this.#openMenu(active);
    else if (key === "Enter" || key === "F2") this.#begin(active);
    else if (key === " " && this.#columns[active.column]?.type === "boolean") this.#toggle(active);
    else if ([...key].length === 1) this.#begin(active, key);
    else return false;
    return true;
  }

  #isUndo(key: string, isShifted: boolean): boolean {
    if (key === "y" || (key === "z" && isShifted)) this.#editor.redo();
    else if (key === "z") this.#editor.undo();
    else return false;
    return true;
  }

  /** In the field over a place. */
  #typed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const { key, shiftKey } = event;
    event.stopPropagation();
    if (key === "Escape") {
      this.#entry.take();
      this.focus();
    } else if (key === "Enter" || key === "Tab") {
      const { active } = this.#grid;
      this.commit();
      if (key === "Enter") this.#go({ row: active.row + 1, column: active.column });
      else this.#tab(active, shiftKey ? -1 : 1);
    } else return;
    event.preventDefault();
  }

  /** To the next place, or to the next row from the last; not beyond the ends: there the browser goes on. */
  #tab({ row, column }: Place, step: 1 | -1): boolean {
    const count = this.#columns.length;
    const next = column + step;
    const place = { row: row + Math.floor(next / count), column: (next + count) % count };
    if (place.row < HEAD || place.row >= this.#grid.rowCount) return false;
    this.#go(place);
    return true;
  }

  // Values

  #begin(place: Place, typed?: string): void {
    const value = rowFields(this.#doc, place.row)[place.column]?.value ?? "";
    this.#go(place);
    this.#entry.open(place, typed ?? value, `${this.#columns[place.column]?.name}, row ${place.row + 1}`);
    this.#placeEntry();
  }

  #placeEntry(): void {
    if (this.#entry.place) this.#entry.moveTo(this.#grid.boxOf(this.#entry.place), this.#grid.element);
  }

  #toggle({ row, column }: Place): void {
    const value = rowFields(this.#doc, row)[column]?.value ?? "";
    this.#edit(putValues(this.#doc, row, column, [[String(value.toLowerCase() !== "true")]]));
  }

  #values({ top, bottom, left, right }: Rectangle): string[][] {
    const last = Math.min(bottom, rowCountOf(this.#doc) - 1);
    return Array.from({ length: Math.max(0, last - top + 1) }, (_, index) => {
      const fields = rowFields(this.#doc, top + index);
      return Array.from({ length: right - left + 1 }, (_, place) => fields[left + place]?.value ?? "");
    });
  }

  /** On the head, whole columns with their names: it is what can be pasted there. */
  #copied(): string[][] {
    const { active, selection } = this.#grid;
    if (active.row !== HEAD) return this.#values(selection);
    const { left, right } = selection;
    const names = this.#columns.slice(left, right + 1).map(({ name }) => name);
    return [names, ...this.#values({ left, right, top: 0, bottom: MAX_ROWS })];
  }

  #clear(): void {
    const { active, selection } = this.#grid;
    if (active.row === HEAD) return;
    const nothing = this.#values(selection).map((row) => row.map(() => ""));
    this.#edit(putValues(this.#doc, selection.top, selection.left, nothing));
  }

  #selectAll(): void {
    const last = { row: rowCountOf(this.#doc) - 1, column: this.#columns.length - 1 };
    this.#grid.select(last, { row: 0, column: 0 });
  }

  #copying(event: ClipboardEvent): void {
    if (event.target !== this.#grid.element) return;
    event.preventDefault();
    event.stopPropagation();
    event.clipboardData?.setData("text/plain", tabSeparated(this.#copied()));
    if (event.type === "cut" && this.#options.canEdit) this.#clear();
  }

  #pasting(event: ClipboardEvent): void {
    if (event.target !== this.#grid.element) return;
    event.preventDefault();
    event.stopPropagation();
    const rows = rowsIn(storable(event.clipboardData?.getData("text/plain") ?? ""));
    if (!this.#options.canEdit || rows.length === 0) return;
    const { active, selection } = this.#grid;
    const { top, bottom, left, right } = selection;
    const isOne = rows.length === 1 && rows[0]?.length === 1;
    const filled = Array.from({ length: bottom - top + 1 }, () => Array<string>(right - left + 1).fill(rows[0]?.[0] ?? ""));
    const place = { row: active.row === HEAD ? HEAD : top, column: left };
    try {
      this.#edit(paste(this.#doc, this.#columns, place, isOne && place.row !== HEAD ? filled : rows), place);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      this.#options.report(error);
    }
  }

  // Rows and columns

  /** That of a column on its head, else that of rows. */
  #openMenu({ row, column }: Place): boolean {
    const opener = this.#grid.elementAt({ row, column });
    if (!opener) return true;
    if (row === HEAD) this.#card?.open(column, this.#columns, opener);
    else this.#openRows(opener);
    return true;
  }

  #openRows(opener: HTMLElement): void {
    if (!this.#menu) return;
    const { top, bottom } = this.#grid.selection;
    const rows = bottom === top ? "row" : `${bottom - top + 1} rows`;
    find(this.#menu, "[data-choice=above]").textContent = `Insert ${rows} above`;
    find(this.#menu, "[data-choice=below]").textContent = `Insert ${rows} below`;
    find(this.#menu, "[data-choice=delete]").textContent = `Delete ${rows}`;
    this.#menu.open(opener);
  }

  #rowsChosen(target: EventTarget | null): void {
    const choice = (target as Element).closest<HTMLElement>("[data-choice]")?.dataset["choice"];
    const { top, bottom, left } = this.#grid.selection;
    if (!choice) return;
    this.focus();
    if (choice === "delete") this.#edit(deleteRows(this.#doc, top, bottom), { row: top, column: left });
    else this.#insertRows(choice === "above" ? top : bottom + 1, bottom - top + 1);
  }

  #insertRows(row: number, count: number): void {
    const { column } = this.#grid.active;
    if (rowCountOf(this.#doc) + count > MAX_ROWS) return this.#options.report(new TooMuch(`A sheet has at most ${MAX_ROWS.toLocaleString("en")} rows.`));
    this.#edit(insertRows(this.#doc, row, count, this.#columns.length), { row, column });
  }

  #changeColumns(place: number, action: ColumnAction): void {
    const { row } = this.#grid.active;
    this.focus();
    if (action === "delete") return this.#edit(deleteColumns(this.#doc, place, place), { row, column: place });
    if (this.#columns.length >= MAX_COLUMNS) return this.#options.report(new TooMuch(`A sheet has at most ${MAX_COLUMNS} columns.`));
    const column = place + Number(action === "right");
    const name = unused(`column_${this.#columns.length + 1}`, this.#columns.map((each) => each.name));
    this.#edit(insertColumn(this.#doc, column, { name, type: "text" }), { row, column });
  }

  // Pointer

  #pressed(event: PointerEvent): void {
    const place = placeOf(event.target);
    if (!place || event.button !== 0) return;
    const { anchor, selection } = this.#grid;
    const lastColumn = this.#columns.length - 1;
    if (place.column === null) {
      this.#go({ row: place.row, column: lastColumn }, { row: event.shiftKey ? selection.top : place.row, column: 0 });
      return;
    }
    const pressed = { row: place.row, column: place.column };
    this.#go(pressed, event.shiftKey ? anchor : pressed);
    if (event.pointerType === "mouse" && place.row !== HEAD) this.#dragFrom(event.shiftKey ? anchor : pressed);
  }

  #dragFrom(anchor: Place): void {
    const until = new AbortController();
    const { signal } = until;
    const move = ({ target }: PointerEvent): void => {
      const place = placeOf(target);
      if (place?.column != null && this.#grid.element.contains(target as Node)) this.#grid.select({ row: place.row, column: place.column }, anchor);
    };
    document.addEventListener("pointermove", move, { signal });
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => until.abort(), { signal });
  }

  #clicked({ target }: MouseEvent): void {
    const place = placeOf(target);
    if (!place || !this.#options.canEdit) return;
    if (place.column === null && place.row < rowCountOf(this.#doc)) this.#openRows(target as HTMLElement);
    else if ((target as Element).closest("[data-part=open]")) this.#openMenu({ row: HEAD, column: place.column ?? 0 });
  }

  #doubleClicked(target: EventTarget | null): void {
    const place = placeOf(target);
    if (!place || place.column === null || !this.#options.canEdit) return;
    if (place.row === HEAD) this.#openMenu({ row: HEAD, column: place.column });
    else this.#begin({ row: place.row, column: place.column });
  }

  #menuWanted(event: MouseEvent): void {
    const place = placeOf(event.target);
    if (!place || !this.#options.canEdit) return;
    event.preventDefault();
    const pointed = { row: place.row, column: place.column ?? 0 };
    if (!isIn(pointed, this.#grid.selection)) this.#go(pointed);
    this.#openMenu(pointed);
  }
}
