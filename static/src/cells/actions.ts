// What a cell asks of its notebook. Cells dispatch these as `cell-action` events; the page listens.

import type { Database } from "../databases/database";
import type { DatabaseStore } from "../databases/store";
import type { Language } from "../editor/languages";
import type { Unsent } from "../editor/unsent";
import type { CellPlace } from "../outputs/services";
import type { Cell, CellKind, CellSettings, CellUpdates, ChangeSetJson, CodeProblem, Completions, FileReference, Source } from "../protocol/types";

export type CellAction =
  | CellCommand
  /** Show who wrote what and when. */
  | { readonly type: "history" }
  /** Show more to do, under the button that asks. */
  | { readonly type: "menu"; readonly opener: HTMLElement }
  /** Go to where the name is bound. */
  | { readonly type: "define"; readonly name: string }
  /** Have the assistant mend or explain it. */
  | { readonly type: "fix" | "explain" }
  /** Say what the assistant should change in it. */
  | { readonly type: "instruct" }
  /** Show what a run of it would run. */
  | { readonly type: "plan"; readonly opener: HTMLElement };

export type CellCommand =
  /** Run it, then stay, go to the next cell, or insert one below; `isRefresh`: whatever its database has answered before. */
  | { readonly type: "run"; readonly then: "stay" | "next" | "insert"; readonly isRefresh?: boolean }
  /** Run the cells before it, or it and those after it. */
  | { readonly type: "run_around"; readonly scope: "above" | "below" }
  | { readonly type: "insert"; readonly where: "above" | "below"; readonly kind: CellKind }
  | { readonly type: "move"; readonly direction: "up" | "down" }
  | { readonly type: "configure"; readonly kind: CellKind }
  | { readonly type: "display"; readonly settings: CellSettings }
  /** What the dataframe of an SQL or sheet cell is called. */
  | { readonly type: "name_result"; readonly name: string }
  /** What an SQL cell asks; null: dataframes and files. */
  | { readonly type: "connect"; readonly connectionId: string | null }
  /** For how long an answer of that is good enough for another run. */
  | { readonly type: "cache"; readonly seconds: number }
  /** A disabled cell never runs, and neither does what needs it. */
  | { readonly type: "disable" | "enable" }
  | { readonly type: "delete" }
  /** Cut it in two at the cursor. */
  | { readonly type: "split" }
  /** Append the next cell to it. */
  | { readonly type: "merge" }
  /** Put the focus on the neighbour: on the cell itself, or in its text. */
  | { readonly type: "leave"; readonly direction: "up" | "down"; readonly to: "cell" | "text" }
  /** Something did not work; the message says what to do. */
  | { readonly type: "report"; readonly error: unknown };

export const CELL_ACTION = "cell-action";

/** A cell with text that was never sent is gone: somebody else deleted it. `cell-lost` events carry its id. */
export const CELL_LOST = "cell-lost";

/** What cells need of the server, given to each by the page. */
export interface CellServices {
  readonly canEdit: boolean;
  /** What the kernel speaks. */
  readonly codeLanguage: Language;
  push(cellId: string, version: number, updates: ChangeSetJson[]): Promise<number>;
  pull(cellId: string, sinceVersion: number): Promise<CellUpdates>;
  isOwn(clientId: string): boolean;
  /** What the server does not have of the cell's text (null: it has everything) is to survive the page. */
  keep(cellId: string, unsent: Unsent | null): void;
  /** How the cell's text, as it is here, may go on at a position. */
  complete(cellId: string, source: string, position: number): Promise<Completions>;
  /** What the assistant would insert at a position; empty if nothing. */
  suggest(cellId: string, source: string, position: number): Promise<string>;
  /** What is likely wrong with the code. */
  lint(cellId: string, source: string): Promise<readonly CodeProblem[]>;
  /** The code as it is usually laid out. */
  format(source: string): Promise<string>;
  /** What is at a position of the text; empty if nothing is known of it. */
  inspect(cellId: string, source: string, position: number): Promise<string>;
  /** Resolves when the answer counts; somebody else may have been first. */
  answerInput(cellId: string, requestId: string, value: string): Promise<void>;
  /** The databases that SQL cells can ask. */
  sources(): Promise<readonly Source[]>;
  /** What there is in them. */
  readonly databases: DatabaseStore;
  /** The kernel's dataframes, as the tables that SQL without a connection can ask. */
  dataframes(): Promise<Database>;
  renderMarkdown(cellId: string, source: string): Promise<string>;
  /** Where a file is that the notebook has put out. */
  fileAddress(reference: FileReference): string;
  /** The cell whose last run had this execution count, as seen from `here`. */
  cellOfRun(executionCount: number, here: Cell): CellPlace | null;
}
