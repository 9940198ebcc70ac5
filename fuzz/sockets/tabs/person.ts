// Somebody at a tab: does random things, in the cells that they see. What everybody types is unique (`c3_417;`: tab 3's
// 417th word), so that it can be looked for afterwards.

import { newId } from "../../../static/src/ids";
import type { Commands, Fields } from "../../../static/src/protocol/types";
import { CommandError, ConnectionLost } from "../../../static/src/protocol/socket";
import { sleep } from "./browser";
import { isWithinCharacter, type TabEditor } from "./editor";
import type { Page } from "./page";
import type { Random } from "./random";
import type { RestProgram } from "./rest";
import type { Tab } from "./tab";

const KINDS = ["python", "markdown", "sql", "raw"] as const;
const AFTER_WORDS = [";", "; ", ";\n", ";\n\n", ";😀", ";é漢", ";\r\n"];
const LONGEST_PAUSE_MS = 120;
const LONGEST_KEY_MS = 15;
const MOST_DELETED = 15;
const MOST_CELLS = 12;
const MOST_TRIES = 3;

/** What can be done, as often as it stands here. */
const ACTIONS = [
  ...Array<"type">(20).fill("type"),
  ...Array<"press_keys">(12).fill("press_keys"),
  ...Array<"delete">(8).fill("delete"),
  ...Array<"replace">(4).fill("replace"),
  ...Array<"edit_by_rest">(4).fill("edit_by_rest"),
  ...Array<"move">(3).fill("move"),
  ...Array<"create">(2).fill("create"),
  ...Array<"configure">(2).fill("configure"),
  ...Array<"remove">(2).fill("remove"),
  ...Array<"restore">(2).fill("restore"),
  ...Array<"split">(2).fill("split"),
  ...Array<"merge">(2).fill("merge"),
  ...Array<"reload">(1).fill("reload"),
] as const;

export class Person {
  /** How often each action came to what. */
  readonly outcomes: Record<string, number> = {};
  #number: number;
  #tab: Tab;
  #program: RestProgram;
  #random: Random;
  #words = 0;

  constructor(number: number, tab: Tab, program: RestProgram, random: Random) {
    this.#number = number;
    this.#tab = tab;
    this.#program = program;
    this.#random = random;
  }

  /** One action after the other for as long as `mayGoOn`, which is asked before each. */
  async work(mayGoOn: () => boolean): Promise<void> {
    while (mayGoOn()) {
      const action = this.#random.choice(ACTIONS);
      this.#count(`${action} ${await this.#act(action)}`);
      await sleep(this.#random.below(LONGEST_PAUSE_MS));
    }
  }

  // Private

  get #page(): Page {
    return this.#tab.page;
  }

  async #act(action: (typeof ACTIONS)[number]): Promise<string> {
    if (action === "create") return this.#create();
    if (action === "restore") return this.#restore();
    if (action === "reload") return this.#reload();
    const editor = this.#editor();
    if (!editor) return "nowhere";
    switch (action) {
      case "type":
        return this.#edit(editor, this.#position(editor), 0, this.#word());
      case "press_keys":
        return this.#pressKeys(editor);
      case "delete":
        return this.#edit(editor, this.#position(editor), 1 + this.#random.below(MOST_DELETED), "");
      case "replace":
        return this.#edit(editor, this.#position(editor), 1 + this.#random.below(MOST_DELETED), this.#word());
      case "edit_by_rest":
        return this.#editByRest(editor.cellId);
      case "move":
        return this.#command("cell_move", { cell_id: editor.cellId, after: this.#place(editor.cellId) });
      case "configure":
        return this.#command("cell_configure", { cell_id: editor.cellId, kind: this.#random.choice(KINDS) });
      case "remove":
        return this.#remove(editor);
      case "split":
        return this.#split(editor);
      case "merge":
        return this.#merge(editor);
    }
  }

  async #reload(): Promise<string> {
    this.#tab.load(await this.#program.notebook());
    return "done";
  }

  // Text

  #edit(editor: TabEditor, from: number, length: number, insert: string): string {
    const to = Math.min(from + length, editor.state.doc.length);
    editor.replace(from, to, insert);
    const selection = { version: editor.collaboration.version, anchor: from, head: from };
    this.#page.whereabouts = { cell_id: editor.cellId, selection };
    this.#page.client.tellWhereabouts(this.#page.whereabouts);
    return "done";
  }

  /** A word, key by key; what others do meanwhile may get in between, or take the cell away. */
  async #pressKeys(editor: TabEditor): Promise<string> {
    let position = this.#position(editor);
    for (const key of this.#word()) {
      if (this.#page.editors.get(editor.cellId) !== editor) return "interrupted";
      position = Math.min(position, editor.state.doc.length);
      editor.replace(position, position, key);
      position += key.length;
      await sleep(this.#random.below(LONGEST_KEY_MS));
    }
    return "done";
  }

  async #editByRest(cellId: string): Promise<string> {
    const cell = this.#page.notebook.cells.find((each) => each.id === cellId);
    let current = cell && { version: cell.version, source: cell.source };
    for (let tries = 1; current; tries++) {
      const { version, source } = current;
      const { edit, current: newer } = await this.#program.edit(cellId, version, source, this.#rewritten(source));
      if (edit.status !== 409) return String(edit.status);
      if (tries === MOST_TRIES || this.#random.oneIn(3)) return "given up";
      this.#count("edit_by_rest tried again");
      current = newer ?? undefined;
    }
    return "nowhere";
  }

  /** With a word more, and perhaps some characters less. */
  #rewritten(source: string): string {
    const characters = [...source];
    const removed = this.#random.oneIn(2) ? this.#random.below(MOST_DELETED) : 0;
    characters.splice(this.#random.below(characters.length + 1), removed, this.#word());
    return characters.join("");
  }

  // Structure

  #create(): Promise<string> {
    if (this.#page.notebook.cells.length >= MOST_CELLS) return Promise.resolve("not needed");
    const source = this.#random.oneIn(2) ? this.#word() : "";
    return this.#command("cell_create", {
      kind: this.#random.choice(KINDS),
      source,
      after: this.#place(""),
      cell_id: newId(),
    });
  }

  #restore(): Promise<string> {
    const deleted = [...this.#page.client.state.deleted_by.keys()];
    if (deleted.length === 0) return Promise.resolve("not needed");
    return this.#command("cell_restore", { cell_id: this.#random.choice(deleted) });
  }

  #remove(editor: TabEditor): Promise<string> {
    if (this.#page.notebook.cells.length < 3) return Promise.resolve("not needed");
    const expected_version = editor.collaboration.version;
    return this.#command("cell_delete", { cell_id: editor.cellId, expected_version });
  }

  async #split(editor: TabEditor): Promise<string> {
    if (this.#page.notebook.cells.length >= MOST_CELLS) return "not needed";
    try {
      await editor.collaboration.flush();
    } catch (error) {
      return outcomeOf(error);
    }
    const position = this.#position(editor);
    if (isWithinCharacter(editor, position)) return "not needed";
    return this.#command("cell_split", { cell_id: editor.cellId, version: editor.collaboration.version, position });
  }

  #merge(editor: TabEditor): Promise<string> {
    const { cells } = this.#page.notebook;
    const index = cells.findIndex((cell) => cell.id === editor.cellId);
    const [cell, next] = [cells[index], cells[index + 1]];
    if (!cell || !next || cells.length < 3) return Promise.resolve("not needed");
    return this.#command("cell_merge", {
      cell_id: cell.id,
      version: cell.version,
      next_cell_id: next.id,
      next_version: next.version,
    });
  }

  async #command<Name extends keyof Commands>(name: Name, fields: Fields<Name>): Promise<string> {
    try {
      await this.#page.client.send(name, fields);
      return "done";
    } catch (error) {
      return outcomeOf(error);
    }
  }

  // Choices

  /** Most of the time in one of the first two cells, so that people meet. */
  #editor(): TabEditor | undefined {
    const { cells } = this.#page.notebook;
    const index = this.#random.below(this.#random.oneIn(3) ? Math.max(1, cells.length) : 2);
    return this.#page.editors.get(cells[index % cells.length]?.id ?? "");
  }

  #position(editor: TabEditor): number {
    return this.#random.below(editor.state.doc.length + 1);
  }

  /** Where to put a cell: the top, the end, or after another one. */
  #place(moving: string): string | null {
    if (this.#random.oneIn(4)) return this.#random.choice(["", null]);
    const others = this.#page.notebook.cells.filter((cell) => cell.id !== moving);
    return others.length > 0 ? this.#random.choice(others).id : null;
  }

  #word(): string {
    return `c${this.#number}_${++this.#words}${this.#random.choice(AFTER_WORDS)}`;
  }

  #count(outcome: string): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }
}

function outcomeOf(error: unknown): string {
  if (error instanceof CommandError) return error.code;
  return error instanceof ConnectionLost ? "connection lost" : String(error);
}
