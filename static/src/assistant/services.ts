// What the assistant's panel needs of the page around it.

import type { CellServices } from "../cells/actions";
import { languageOf } from "../cells/cell_editor";
import type { CellCommands } from "../cells/commands";
import type { Numbers } from "../cells/numbers";
import type { Language } from "../editor/languages";
import type { Toasts } from "../panels/toasts";
import type { NotebookClient } from "../protocol/client";
import type { Dependencies } from "../protocol/dependencies";
import type { Cell, CellKind, Notebook } from "../protocol/types";

export interface AssistantServices {
  readonly send: NotebookClient["send"];
  readonly canEdit: boolean;
  /** What is remembered in this browser begins with it: of this person, in this notebook. */
  readonly storageKey: string;
  notebook(): Notebook;
  dependencies(): Dependencies;
  numbers(): Numbers;
  languageOf(kind: CellKind): Language;
  /** Resolves when the server has all that was typed into cells. */
  flush(): Promise<void>;
  /** A new cell with this text below the one with that id; null: at the end. */
  insertCell(kind: CellKind, source: string, after: string | null): void;
  /** Close what else lies where the panel goes. */
  makeRoom(): void;
  inform(text: string): void;
  report(error: unknown): void;
}

/** What somebody wants of the assistant from outside of its panel. */
export interface Request {
  readonly message: string;
  /** The cells that the message names, by what it calls them. */
  readonly cells: readonly Cell[];
}

/** The page around the assistant. */
interface Page {
  readonly client: NotebookClient;
  readonly commands: CellCommands;
  readonly toasts: Toasts;
  readonly userId: string;
  readonly cells: CellServices;
  numbers(): Numbers;
  makeRoom(): void;
}

export function assistantServicesOver({ client, commands, toasts, userId, cells, numbers, makeRoom }: Page): AssistantServices {
  return {
    send: (type, fields) => client.send(type, fields),
    canEdit: cells.canEdit,
    storageKey: `tandem:assistant:${userId}:${client.state.notebook.id}`,
    notebook: () => client.state.notebook,
    dependencies: () => client.dependencies,
    numbers,
    languageOf: (kind) => languageOf(kind, cells),
    flush: () => commands.flush(),
    insertCell: (kind, source, after) => commands.insert(kind, after, source),
    makeRoom,
    inform: (text) => toasts.show({ tone: "info", text }),
    report: (error) => toasts.error(error),
  };
}
