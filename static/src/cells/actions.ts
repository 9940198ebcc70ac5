// What a cell asks of its notebook. Cells dispatch these as `cell-action` events; the page listens.

import type { Language } from "../editor/languages";
import type { CellKind, CellUpdates, ChangeSetJson } from "../protocol/types";

export type CellAction =
  /** Run it, then stay, go to the next cell, or insert one below. */
  | { readonly type: "run"; readonly then: "stay" | "next" | "insert" }
  | { readonly type: "insert"; readonly where: "above" | "below"; readonly kind: CellKind }
  | { readonly type: "move"; readonly direction: "up" | "down" }
  | { readonly type: "configure"; readonly kind: CellKind }
  | { readonly type: "delete" }
  /** Put the focus on the neighbour: on the cell itself, or in its text. */
  | { readonly type: "leave"; readonly direction: "up" | "down"; readonly to: "cell" | "text" }
  /** Something did not work; the message says what to do. */
  | { readonly type: "report"; readonly error: unknown };

export const CELL_ACTION = "cell-action";

/** A cell with text that was never sent is gone: somebody else deleted it. `cell-lost` events carry this. */
export interface LostText {
  readonly kind: CellKind;
  readonly text: string;
}

export const CELL_LOST = "cell-lost";

/** What cells need of the server, given to each by the page. */
export interface CellServices {
  readonly canEdit: boolean;
  /** What the kernel speaks. */
  readonly codeLanguage: Language;
  push(cellId: string, version: number, updates: ChangeSetJson[]): Promise<number>;
  pull(cellId: string, sinceVersion: number): Promise<CellUpdates>;
  isOwn(clientId: string): boolean;
  renderMarkdown(cellId: string, source: string): Promise<string>;
}
