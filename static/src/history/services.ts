// What the history needs of the notebook, over its connection. Questions reject, for the view that asked to say so;
// changes do not: what became of them is told in a toast.

import type { CellServices } from "../cells/actions";
import { languageOf } from "../cells/cell_editor";
import type { CellChanges } from "../cells/changes";
import type { CellCommands } from "../cells/commands";
import type { Language } from "../editor/languages";
import type { Toasts } from "../panels/toasts";
import type { NotebookClient } from "../protocol/client";
import type { Checkpoint, HistoryEntry } from "../protocol/history";
import type { CellKind } from "../protocol/types";

export interface HistoryServices {
  readonly ask: NotebookClient["send"];
  languageOf(kind: CellKind): Language;
  restoreVersion(cellId: string, version: number): Promise<void>;
  undo(cellId: string, entry: HistoryEntry): Promise<void>;
  bringBack(cellId: string): Promise<void>;
  saveCheckpoint(name: string): Promise<void>;
  restoreCheckpoint(checkpoint: Checkpoint): Promise<void>;
}

/** The page around the history. */
interface Page {
  readonly client: NotebookClient;
  readonly cells: CellServices;
  readonly commands: CellCommands;
  readonly changes: CellChanges;
  readonly toasts: Toasts;
}

export function historyServicesOver({ client, cells, commands, changes, toasts }: Page): HistoryServices {
  const told = async (change: () => Promise<string>): Promise<void> => {
    try {
      // What is typed but not sent belongs to the notebook as this person sees it.
      await commands.flush();
      toasts.show({ tone: "info", text: await change() });
    } catch (error) {
      toasts.error(error);
    }
  };
  return {
    ask: (type, fields) => client.send(type, fields),
    languageOf: (kind) => languageOf(kind, cells),
    restoreVersion: (cellId, version) => changes.restoreVersion(cellId, version),
    undo: (cellId, entry) => changes.undo(cellId, entry),
    bringBack: (cellId) => changes.bringBack(cellId),
    saveCheckpoint: (name) =>
      told(async () => {
        const { checkpoint } = await client.send("checkpoint_create", { name });
        return `Saved “${checkpoint.name}”.`;
      }),
    restoreCheckpoint: ({ id, name }) =>
      told(async () => {
        await changes.restoreCheckpoint(id);
        return `Restored “${name}”. z undoes that; what was there before is a checkpoint too.`;
      }),
  };
}
