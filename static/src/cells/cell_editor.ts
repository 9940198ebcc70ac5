// The editor of a cell: what a text editor does not know by itself of cells, keys and servers.

import type { KeyBinding } from "@codemirror/view";
import { Editor } from "../editor/editor";
import type { Language } from "../editor/languages";
import { ConnectionLost } from "../protocol/socket";
import type { Cell, CellKind } from "../protocol/types";
import type { CellAction, CellServices } from "./actions";
import { kindName } from "./wording";

/** The cell around the editor. */
export interface Surroundings {
  act(action: CellAction): void;
  escape(): void;
}

export function languageOf(kind: CellKind, { codeLanguage }: CellServices): Language {
  const languages: Record<CellKind, Language> = { python: codeLanguage, markdown: "markdown", sql: "sql", raw: "text" };
  return languages[kind];
}

/** Replaces what is in `parent`. */
export function openEditor(parent: HTMLElement, cell: Cell, services: CellServices, around: Surroundings): Editor {
  parent.replaceChildren();
  const editor = new Editor({
    parent,
    text: cell.source,
    version: cell.version,
    language: languageOf(cell.kind, services),
    label: `Text of the ${kindName(cell.kind)} cell`,
    readOnly: !services.canEdit,
    keys: keysOf(() => editor, around),
    remote: {
      push: (version, updates) => services.push(cell.id, version, updates),
      pull: (since) => services.pull(cell.id, since),
      isOwn: (clientId) => services.isOwn(clientId),
    },
    pushFailed: (error) => {
      // Without a connection the text waits, and the connection's chip says so.
      if (!(error instanceof ConnectionLost)) around.act({ type: "report", error });
    },
    escape: () => around.escape(),
  });
  return editor;
}

function keysOf(editor: () => Editor, { act }: Surroundings): KeyBinding[] {
  const run = (then: "stay" | "next" | "insert") => () => (act({ type: "run", then }), true);
  const leave = (direction: "up" | "down") => () => {
    if (!editor().isAtEdge(direction)) return false;
    act({ type: "leave", direction, to: "text" });
    return true;
  };
  return [
    { key: "Shift-Enter", run: run("next") },
    { key: "Mod-Enter", run: run("stay") },
    { key: "Alt-Enter", run: run("insert") },
    { key: "ArrowUp", run: leave("up") },
    { key: "ArrowDown", run: leave("down") },
  ];
}
