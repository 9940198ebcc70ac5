// <tandem-cell>: one cell of the page. It shows the cell it is given (`show`), opens an editor on its text, and
// dispatches `cell-action` for everything that concerns the notebook. Its markup is templates/notebook/_cell.html.
//
// A cell is either selected (the element has the focus, single keys are commands) or edited (its editor has it).

import type { Database } from "../databases/database";
import { emit, find, fromTemplate } from "../dom";
import type { Editor, Fold } from "../editor/editor";
import type { Grammar, Language } from "../editor/languages";
import type { Problem, Range, Replacement } from "../editor/marks";
import { Closed } from "../editor/remote";
import type { Leftover } from "../editor/unsent";
import { inFrame } from "../outputs/frame";
import type { OutputList } from "../outputs/output_list";
import { rangeIn, sqlPlaceOf } from "../outputs/sql_place";
import { preferences } from "../preferences";
import { peersOf, showMarks } from "../presence/cell_people";
import type { Client } from "../presence/present";
import { showNotices } from "../reactive/notice_list";
import type { Notice } from "../reactive/notices";
import type { Cell, CellKind, QueryProgressMessage, Selection, Update } from "../protocol/types";
import { CELL_ACTION, type CellAction, type CellServices } from "./actions";
import { languageOfCell, openEditor, SELECTION_MOVED } from "./cell_editor";
import { CellFolds } from "./cell_folds";
import { CellLint } from "./cell_lint";
import { expectedHeight } from "./expected_height";
import { HeldHeight } from "./held_height";
import { InputPrompt } from "./input_prompt";
import { MarkdownPreview, showPlain } from "./markdown_preview";
import type { Numbers } from "./numbers";
import { RunNote } from "./run_note";
import { SheetPane } from "./sheet_pane";
import { SqlHead } from "./sql_head";
import { StaticText } from "./static_text";
import { kindName, promptOf } from "./wording";

export class CellElement extends HTMLElement {
  #cell: Cell | null = null;
  #services: CellServices | null = null;
  #editor: Editor | null = null;
  /** In place of the editor; until the cell is shown, what the server rendered. */
  #static: StaticText | null = null;
  #preview: MarkdownPreview | null = null;
  #note: RunNote | null = null;
  #prompt: InputPrompt | null = null;
  #sqlHead: SqlHead | null = null;
  #sheet: SheetPane | null = null;
  /** Its newest run was asked for here. */
  #ranHere = false;
  #isWired = false;
  #isNear = true;
  /** The editor had the focus, or was written to: it has a past that can be undone. */
  #wasEdited = false;
  #clients: readonly Client[] = [];
  #isEquipped = false;
  #found: { readonly ranges: readonly Range[]; readonly current: Range | null } | null = null;
  #areNumbered = preferences().has_line_numbers;
  #folds: CellFolds | null = null;
  #lint: CellLint | null = null;
  #held: HeldHeight | null = null;

  // Lifecycle

  connectedCallback(): void {
    if (this.#isWired) return;
    this.#isWired = true;
    this.#note = new RunNote(find(this, "[data-part=note]"));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("dblclick", (event) => this.#doubleClicked(event));
    this.addEventListener("focusin", (event) => this.#focusCame(event));
    this.addEventListener("focusout", (event) => this.#focusLeft(event));
    this.addEventListener("change", () => this.#kindChosen());
    this.addEventListener("mousedown", (event) => this.#pressed(event), { capture: true });
  }

  disconnectedCallback(): void {
    // Moving an element disconnects it for a moment; only what left for good lets go.
    queueMicrotask(() => {
      if (!this.isConnected) this.#letGo();
    });
  }

  // Actions

  get cell(): Cell {
    if (!this.#cell) throw new Error("The cell was not shown yet.");
    return this.#cell;
  }

  get hasUnsent(): boolean {
    return this.#editor?.hasUnsent ?? false;
  }

  /** The text as it stands here, with what is not sent yet. */
  get text(): string {
    return this.#editor?.text ?? this.cell.source;
  }

  /** The version of the text that is shown. */
  get version(): number {
    return this.#editor?.version ?? this.cell.version;
  }

  /** Where the cursor is in the text, in UTF-16 units. */
  get cursor(): number {
    return this.#editor?.cursor ?? 0;
  }

  /** The selection in the text, while it is edited and the server has all of it. */
  get selection(): Selection | null {
    return this.#isEditing ? (this.#editor?.selection ?? null) : null;
  }

  /** The button that says how it is connected; none before it came into view. */
  get facts(): HTMLElement | null {
    return this.querySelector<HTMLElement>("[data-part=facts]");
  }

  get #isEditing(): boolean {
    return this.dataset["mode"] === "edit";
  }

  /** Show the cell as it is now. With `isLater`, a new one shows only its text until it comes into view. */
  show(cell: Cell, services: CellServices, isLater = false): void {
    const old = this.#cell;
    if (!old && isLater) this.#isNear = false;
    this.#cell = cell;
    this.#services = services;
    if (old?.kind !== cell.kind) this.#showKind(cell.kind);
    if (old && old.connection_id !== cell.connection_id) this.showLanguage();
    // What was Markdown becomes code in view; other cells open when they are scrolled to.
    if (old && old.kind !== cell.kind) this.comeIntoView();
    if (old?.status !== cell.status) this.dataset["status"] = cell.status;
    find(this, "[data-part=prompt]").textContent = promptOf(cell);
    this.#note?.show(cell);
    if (old?.status === "running" && cell.status !== "running") this.#ranHere = false;
    this.#showPrompt(cell);
    this.#showSqlHead(cell, services);
    this.#showSheet(cell, services);
    this.#showText(cell);
    if (old?.outputs !== cell.outputs || old.status !== cell.status) this.#showFailure();
    if (this.#isNear) this.#showBody(cell);
    else this.#keepFree(cell);
    this.#folds?.show(cell, old);
  }

  /** What takes its time: the outputs, and what Markdown says. */
  #showBody(cell: Cell): void {
    const services = this.#services;
    if (!services) return;
    if (cell.kind === "markdown") {
      this.#preview ??= this.#makePreview();
      if (!this.#isEditing) this.#preview.showLater(this.text);
    }
    this.#outputs.services ??= {
      framed: inFrame,
      renderMarkdown: (source) => services.renderMarkdown(cell.id, source),
      fileAddress: (reference) => services.fileAddress(reference),
      cellOfRun: (executionCount) => services.cellOfRun(executionCount, this.cell),
    };
    this.#held?.show(cell.status === "running" || cell.status === "queued");
    this.#outputs.outputs = cell.outputs;
    this.#showHelp(cell);
  }

  /** The room that it will need, about: so the scrollbar stays what it is, also while the page flies by. */
  #keepFree(cell: Cell): void {
    const height = `${expectedHeight(cell)}px`;
    this.toggleAttribute("data-far", true);
    this.style.containIntrinsicBlockSize = `auto ${height}`;
    this.style.minBlockSize = height;
    if (cell.kind === "markdown") showPlain(find(this, "[data-part=preview]"), cell.source);
  }

  /** Take in what somebody typed. */
  receive(version: number, updates: readonly Update[]): void {
    this.#editor?.receive(version, updates);
  }

  /** Type what another page, or this cell before it was deleted, could not send; see `Collaboration.adopt`. */
  async adopt(leftover: Leftover): Promise<boolean> {
    this.#wasEdited = true;
    this.open();
    if (!this.#editor) throw new Closed();
    return this.#editor.adopt(leftover);
  }

  /** Ask the page for it. */
  act(action: CellAction): void {
    // Who runs the cell has typed what they wanted.
    if (action.type === "run") this.#editor?.endOffers();
    if (action.type === "run") this.#ranHere = true;
    emit(this, CELL_ACTION, action);
  }

  /** Who else is on this cell. */
  showPeople(clients: readonly Client[]): void {
    this.#clients = clients;
    showMarks(find(this, "[data-part=people]"), clients);
    this.#editor?.showPeers(peersOf(clients));
  }

  /** What is to be said of it, the most important first. */
  showNotices(notices: readonly Notice[], numbers: Numbers): void {
    this.dataset["standing"] = notices[0]?.tone ?? "";
    showNotices(find(this, "[data-part=notices]"), notices, numbers);
  }

  /** Open the editor, so that the text is coloured and can be typed in. */
  open(): void {
    if (this.#editor || !this.#cell || !this.#services) return;
    this.#editor = openEditor(find(this, "[data-part=editor]"), this.#cell, this.#services, {
      hasLineNumbers: this.#areNumbered,
      database: () => this.#database(),
      act: (action) => this.act(action),
      escape: () => this.#escape(),
      changed: (changes) => this.#sheet?.changed(changes),
      selectionMoved: (byOthers) => {
        emit(this, SELECTION_MOVED, byOthers);
        if (!byOthers) this.#lint?.touched();
      },
    });
    this.#static = null;
    this.#editor.showPeers(peersOf(this.#clients));
    void this.#sheet?.attach(this.#editor);
    this.#showFailure();
    if (this.#found) this.#editor.showFound(this.#found.ranges, this.#found.current);
    const { canEdit, codeLanguage, lint } = this.#services;
    if (canEdit && codeLanguage === "python") this.#lint = this.#makeLint(lint);
  }

  /** It is about to be seen: give it its tools and open its editor. Most cells of a long notebook need neither. */
  comeIntoView(): void {
    if (!this.#cell) return;
    this.removeAttribute("data-far");
    if (!this.#isNear) {
      this.#isNear = true;
      this.style.minBlockSize = "";
      this.#showBody(this.#cell);
    }
    if (!this.#isEquipped) this.#equip(this.#cell.kind);
    if (this.#cell.kind !== "markdown" || this.#found) this.open();
  }

  /** It is far from view: the browser need not lay it out, and an editor that nobody used is only in the way. */
  goOutOfView(): void {
    if (this.contains(document.activeElement)) return;
    this.toggleAttribute("data-far", true);
    if (this.#editor && !this.#wasEdited && !this.#editor.hasUnsent) this.#closeEditor();
  }

  /** Of its text, if that could be coloured: there is no editor on it, and it can be seen. */
  get plainLanguage(): Language | null {
    if (!this.#static || this.#static.isColoured || !this.#services || this.cell.kind === "markdown") return null;
    return languageOfCell(this.cell, this.#services);
  }

  /** As its editor will. */
  colour(grammar: Grammar): void {
    this.#static?.colour(grammar);
  }

  fade(): void {
    this.#static?.fade();
  }

  /** What is selected of its text, while it is edited. */
  get selectedText(): string {
    return this.#isEditing ? (this.#editor?.selectedText ?? "") : "";
  }

  /** The name at the cursor, or where the mouse is. */
  wordAt(point?: { readonly x: number; readonly y: number }): string {
    return this.#editor?.wordAt(point) ?? "";
  }

  /** Go into the text, with this selected. */
  editAt(from: number, to: number): void {
    if (this.#services?.canEdit) this.edit();
    else this.select();
    this.open();
    this.#editor?.selectRange(from, to);
    this.#sheet?.goTo(from);
  }

  /** Of the query that its run has asked a database. */
  showProgress(progress: QueryProgressMessage): void {
    this.#note?.showProgress(progress);
  }

  showLineNumbers(areShown: boolean): void {
    this.#areNumbered = areShown;
    this.dataset["numbered"] = String(areShown);
    this.#editor?.showLineNumbers(areShown);
  }

  get isNumbered(): boolean {
    return this.#areNumbered;
  }

  /** Mark what was found in the text; `current`: the one that people are at. */
  showFound(found: readonly Range[], current: Range | null): void {
    this.#found = found.length > 0 ? { ranges: found, current } : null;
    // What is far from view is marked when it comes near: there may be thousands.
    if (current || (this.#found && !this.hasAttribute("data-far"))) this.open();
    this.#editor?.showFound(found, current);
    if (current) this.#sheet?.goTo(current.from);
  }

  /** Edit the text, as by typing. */
  replace(changes: readonly Replacement[]): void {
    this.#wasEdited = true;
    this.open();
    this.#editor?.replace(changes);
  }

  /** Put it at the cursor, and go on there. */
  insert(text: string): void {
    this.edit();
    this.#editor?.insert(text);
  }

  /** Lay the code out as it usually is: an edit like others. Rejects with why that cannot be done. */
  async format(): Promise<void> {
    if (!this.#services || this.cell.kind !== "python") return;
    const before = this.text;
    const after = await this.#services.format(before);
    if (after === before || this.text !== before) return; // somebody types: then is no time for it
    const { diff } = await import("@codemirror/merge");
    this.replace(diff(before, after).map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: after.slice(fromB, toB) })));
  }

  /** Go to what is likely wrong in the text, the next or the one before, and say what that is; false if nothing is. */
  goToProblem(direction: 1 | -1): boolean {
    this.edit();
    return this.#editor?.goToProblem(direction) ?? false;
  }

  /** Fold blocks of its code, or unfold them. */
  fold(what: Fold): void {
    this.open();
    this.#editor?.fold(what);
  }

  /** Resolves when the server has all that was typed here. */
  async flush(): Promise<void> {
    this.#sheet?.commit();
    await this.#editor?.flush();
  }

  /** Put the focus on the cell: single keys are commands. */
  select(): void {
    this.focus({ preventScroll: true });
    this.scrollIntoView({ block: "nearest" });
  }

  /** Put the focus in the text. */
  edit(at?: "start" | "end"): void {
    if (!this.#services?.canEdit) return this.select();
    this.dataset["mode"] = "edit";
    this.open();
    if (!this.#sheet?.focus()) this.#editor?.focus(at);
  }

  /** Put the cursor on a line of the text, from 1. */
  editLine(line: number): void {
    this.edit();
    this.#editor?.goToLine(line);
  }

  /** Markdown turns from its text to what it says. */
  finishEditing(): void {
    if (!this.#isEditing) return;
    delete this.dataset["mode"];
    if (this.#cell?.kind === "markdown") this.#preview?.show(this.text);
  }

  // Private

  /** Its text stays, as it came from the server. */
  #closeEditor(): void {
    this.#lint?.stop();
    this.#lint = null;
    this.#sheet?.detach();
    this.#editor?.close();
    this.#editor = null;
    this.#static = StaticText.within(find(this, "[data-part=editor]"));
    this.#static.show(this.cell.source);
  }

  get #outputs(): OutputList {
    return find<OutputList>(this, "tandem-outputs");
  }

  /** One of the tools. */
  get #kindChoice(): HTMLSelectElement | null {
    return this.querySelector<HTMLSelectElement>("[data-part=kind]");
  }

  #showPrompt({ input_request }: Cell): void {
    if (!input_request && !this.#prompt) return;
    this.#prompt ??= new InputPrompt(this.#outputs, {
      answer: (requestId, value) => this.#answer(requestId, value),
      leave: () => this.select(),
      mayTakeFocus: () => this.#ranHere && (this.contains(document.activeElement) || !isTyping()),
    });
    this.#prompt.show(input_request);
  }

  #showSqlHead(cell: Cell, services: CellServices): void {
    if (cell.kind !== "sql") {
      this.#sqlHead?.remove();
      this.#sqlHead = null;
      return;
    }
    this.#sqlHead ??= new SqlHead(find(this, "[data-part=editor]"), {
      rename: (name) => this.act({ type: "name_result", name }),
      connect: (connectionId) => this.act({ type: "connect", connectionId }),
      sources: () => services.sources(),
      cache: (seconds) => this.act({ type: "cache", seconds }),
    });
    this.#sqlHead.show(cell);
  }

  /** Where its database found what is wrong, if it is still in the text. */
  #showFailure(): void {
    if (this.cell.kind === "sql") this.#editor?.showFailure(failureOf(this.cell, this.text));
  }

  #showSheet({ kind, result_name }: Cell, services: CellServices): void {
    if (kind !== "sheet") {
      this.#sheet?.remove();
      this.#sheet = null;
      return;
    }
    if (!this.#sheet) {
      this.#sheet = new SheetPane(this, services.canEdit, {
        rename: (name) => this.act({ type: "name_result", name }),
        leave: () => this.#escape(),
        report: (error) => this.act({ type: "report", error }),
      });
      if (this.#editor) void this.#sheet.attach(this.#editor);
    }
    this.#sheet.show(result_name);
  }

  /** What failed can be mended. */
  #showHelp({ status, outputs }: Cell): void {
    // It may fail again, and what is below need not move twice.
    if (status === "queued" || status === "running") return;
    const help = this.querySelector(":scope > .cell-help");
    const hasFailed = status === "error" && outputs.some(({ output_type }) => output_type === "error");
    if (hasFailed && !help) this.#outputs.before(fromTemplate("template-cell-help"));
    if (!hasFailed) help?.remove();
  }

  async #answer(requestId: string, value: string): Promise<void> {
    try {
      await this.#services?.answerInput(this.cell.id, requestId, value);
    } catch (error) {
      this.act({ type: "report", error });
    }
  }

  /** What the kernel or the database speaks is another. */
  showLanguage(): void {
    this.#static?.fade();
    if (this.#services) this.#editor?.setLanguage(languageOfCell(this.cell, this.#services));
  }

  /** What its SQL can ask. */
  async #database(): Promise<Database | null> {
    if (!this.#services?.canEdit || this.cell.kind !== "sql") return null;
    const { connection_id } = this.cell;
    if (connection_id === null) return this.#services.dataframes();
    const database = await this.#services.databases.database(connection_id);
    this.showLanguage();
    return database;
  }

  #showKind(kind: CellKind): void {
    this.dataset["kind"] = kind;
    this.setAttribute("aria-label", `${kindName(kind)} cell`);
    if (this.#kindChoice) this.#kindChoice.value = kind;
    this.showLanguage();
    if (kind === "markdown" && this.#isNear) this.#preview ??= this.#makePreview();
  }

  #equip(kind: CellKind): void {
    this.#isEquipped = true;
    this.#folds = new CellFolds(this, this.#outputs);
    this.#held = new HeldHeight(this.#outputs);
    this.#folds.show(this.cell, null);
    find(this, "[data-part=main]").prepend(fromTemplate("template-cell-toolbar"));
    const gutter = find(this, "[data-part=gutter]");
    gutter.append(fromTemplate("template-cell-facts"));
    if (!this.#services?.canEdit) return;
    find(gutter, "[data-part=prompt]").after(fromTemplate("template-cell-run"));
    this.append(fromTemplate("template-cell-insert"));
    if (this.#kindChoice) this.#kindChoice.value = kind;
  }

  #showText(cell: Cell): void {
    if (this.#editor) return this.#editor.receive(cell.version, []);
    this.#static ??= new StaticText(find(this, "[data-part=source]"));
    this.#static.show(cell.source);
  }

  #makeLint(lint: CellServices["lint"]): CellLint {
    const text = (): string => this.text;
    const isPython = (): boolean => this.cell.kind === "python";
    return new CellLint({
      get text() {
        return text();
      },
      lint: async (source) => (isPython() ? lint(this.cell.id, source) : []),
      show: (problems) => this.#editor?.showProblems(problems),
    });
  }

  #makePreview(): MarkdownPreview {
    const render = (source: string): Promise<string> => {
      if (!this.#services) throw new Error("The cell was not shown yet.");
      return this.#services.renderMarkdown(this.cell.id, source);
    };
    return new MarkdownPreview(find(this, "[data-part=preview]"), this.cell, render);
  }

  #escape(): void {
    this.finishEditing();
    this.select();
  }

  #clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-action]");
    if (button) return this.#obey(button);
    if (!this.#editor && this.#isInText(event.target)) this.edit();
  }

  #obey(button: HTMLElement): void {
    const { action, kind } = button.dataset;
    switch (action) {
      case "run":
        return this.act({ type: "run", then: "stay" });
      case "refresh":
        return this.act({ type: "run", then: "stay", isRefresh: true });
      case "up":
      case "down":
        return this.act({ type: "move", direction: action });
      case "show-source":
        return this.act({ type: "display", settings: { is_source_hidden: false } });
      case "show-outputs":
        return this.act({ type: "display", settings: { are_outputs_hidden: false } });
      case "show-all":
        this.#folds?.showAll();
        return this.cell.metadata["scrolled"] === true ? this.act({ type: "display", settings: { is_scrolled: false } }) : undefined;
      case "split":
      case "merge":
      case "history":
      case "disable":
      case "enable":
      case "delete":
      case "fix":
      case "explain":
        return this.act({ type: action });
      case "menu":
        return this.act({ type: "menu", opener: button });
      case "edit":
        return this.edit();
      case "insert":
        return this.act({ type: "insert", where: "below", kind: kind as CellKind });
    }
  }

  #kindChosen(): void {
    const kind = this.#kindChoice?.value as CellKind | undefined;
    if (kind && kind !== this.cell.kind) this.act({ type: "configure", kind });
  }

  /** Ctrl and a click on a name: to where it is from. */
  #pressed(event: MouseEvent): void {
    if (event.button !== 0 || !(event.ctrlKey || event.metaKey) || !(event.target as Element).closest(".cm-content")) return;
    const name = this.wordAt({ x: event.clientX, y: event.clientY });
    if (!name) return;
    event.preventDefault();
    event.stopPropagation();
    this.act({ type: "define", name });
  }

  #doubleClicked(event: MouseEvent): void {
    if ((event.target as Element).closest("[data-part=preview]")) this.edit();
  }

  #focusCame(event: FocusEvent): void {
    if (!this.#isInText(event.target)) return;
    this.#wasEdited = true;
    this.dataset["mode"] = "edit";
    // So that it is there when somebody types; if it cannot be had, the panel says why.
    if (this.cell.connection_id) this.#database().catch(() => {});
  }

  #isInText(target: EventTarget | null): boolean {
    return target instanceof Element && target.closest("[data-part=editor]") !== null;
  }

  #focusLeft(event: FocusEvent): void {
    const next = event.relatedTarget;
    if (next instanceof Node && this.contains(next)) return;
    // The focus also leaves with the window's; the text then stays open.
    if (document.hasFocus()) this.finishEditing();
  }

  #letGo(): void {
    this.#sheet?.detach();
    this.#editor?.close();
    this.#editor = null;
    this.#note?.stop();
    this.#folds?.stop();
    this.#held?.stop();
    this.#lint?.stop();
    this.#preview?.stop();
    this.#outputs.outputs = [];
  }
}

function failureOf({ outputs, execution_count }: Cell, text: string): Problem | null {
  const error = outputs.find((output) => output.output_type === "error");
  const place = error && sqlPlaceOf(error.traceback);
  const range = place && place.executionCount === execution_count ? rangeIn(text, place) : null;
  return error && range ? { ...range, message: error.evalue } : null;
}

/** Whether the keys that are pressed now go into some text. */
function isTyping(): boolean {
  return document.activeElement?.closest("input, textarea, [contenteditable=true]") != null;
}

customElements.define("tandem-cell", CellElement);
