// The editor of a cell: what a text editor does not know by itself of cells, keys and servers.

import type { ChangeDesc } from "@codemirror/state";
import type { KeyBinding } from "@codemirror/view";
import type { Database } from "../databases/database";
import { Editor } from "../editor/editor";
import type { Language } from "../editor/languages";
import { wantsSuggestions } from "../editor/suggestions_choice";
import { CommandError, ConnectionLost } from "../protocol/socket";
import type { Cell, CellKind } from "../protocol/types";
import type { CellAction, CellServices } from "./actions";
import { kindName } from "./wording";

/** The cell around the editor. */
export interface Surroundings {
  readonly hasLineNumbers: boolean;
  /** What the SQL of the cell can ask. */
  database(): Promise<Database | null>;
  act(action: CellAction): void;
  escape(): void;
  /** The text is another, or others are elsewhere in it. */
  changed(changes: ChangeDesc): void;
  /** ... by others who edit, or by whoever types here. */
  selectionMoved(byOthers: boolean): void;
}

/** Cells dispatch it, with `byOthers`. */
export const SELECTION_MOVED = "selection-moved";

export function languageOf(kind: CellKind, { codeLanguage }: CellServices): Language {
  if (kind === "python") return codeLanguage;
  return kind === "raw" || kind === "sheet" ? "text" : kind;
}

/** Of SQL, as the cell's database writes it, once that is known. */
export function languageOfCell({ kind, connection_id }: Cell, services: CellServices): Language {
  const isMysql = kind === "sql" && connection_id !== null && services.databases.known(connection_id)?.kind === "mysql";
  return isMysql ? "mysql" : languageOf(kind, services);
}

/** Replaces what is in `parent`. */
export function openEditor(parent: HTMLElement, cell: Cell, services: CellServices, around: Surroundings): Editor {
  parent.replaceChildren();
  const editor = new Editor({
    parent,
    text: cell.source,
    version: cell.version,
    language: languageOfCell(cell, services),
    label: `Text of the ${kindName(cell.kind)} cell`,
    readOnly: !services.canEdit,
    hasLineNumbers: around.hasLineNumbers,
    keys: keysOf(() => editor, around),
    help: {
      complete: (source, position) => services.complete(cell.id, source, position),
      inspect: (source, position) => services.inspect(cell.id, source, position),
      database: () => around.database(),
    },
    suggester: {
      isOn: wantsSuggestions,
      suggest: (source, position) => services.suggest(cell.id, source, position),
    },
    remote: {
      push: (version, updates) => services.push(cell.id, version, updates),
      pull: (since) => services.pull(cell.id, since),
      isOwn: (clientId) => services.isOwn(clientId),
    },
    keeper: {
      keep: (unsent) => services.keep(cell.id, unsent),
      failed: (error) => {
        if (!isToldElsewhere(error)) around.act({ type: "report", error });
      },
    },
    escape: () => around.escape(),
    changed: (changes) => around.changed(changes),
    selectionMoved: (byOthers) => around.selectionMoved(byOthers),
  });
  return editor;
}

/** The banner says that there is no connection, and the page that the cell was deleted. */
export function isToldElsewhere(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof CommandError && error.code === "not_found");
}

/** What depends on where the cursor is; the other keys are those of the page's commands. */
function keysOf(editor: () => Editor, { act }: Surroundings): KeyBinding[] {
  const leave = (direction: "up" | "down") => () => {
    if (!editor().isAtEdge(direction)) return false;
    act({ type: "leave", direction, to: "text" });
    return true;
  };
  return [
    { key: "ArrowUp", run: leave("up") },
    { key: "ArrowDown", run: leave("down") },
  ];
}
