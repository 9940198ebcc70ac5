// What the browser knows of a notebook, and the small changes the reducer is made of. Pure.

import type { Checkpoint } from "./history";
import type { Cell, EventMessage, Notebook, OutputMessage, Role } from "./types";

export interface State {
  readonly notebook: Notebook;
  readonly role: Role;
  /** Events after a gap, by seq. */
  readonly ahead: ReadonlyMap<number, EventMessage>;
  /** Output messages after a gap, or of a run that has not begun for us, by cell id. */
  readonly waiting: ReadonlyMap<string, readonly OutputMessage[]>;
  /** The server's seq when it answered `open`: until we reach it we are catching up. */
  readonly opened_seq: number | null;
  /** Who deleted a cell while we watched, by cell id. */
  readonly deleted_by: ReadonlyMap<string, string>;
  /** The last one taken while we watched. */
  readonly newest_checkpoint: Checkpoint | null;
}

/** More waiting frames than this are dropped, the newest first: the server has them. */
const MAX_AHEAD = 2000;

export function initialState(notebook: Notebook, role: Role): State {
  return {
    notebook: sorted(notebook),
    role,
    ahead: new Map(),
    waiting: new Map(),
    opened_seq: null,
    deleted_by: new Map(),
    newest_checkpoint: null,
  };
}

export function findCell(notebook: Notebook, cellId: string): Cell | undefined {
  return notebook.cells.find((cell) => cell.id === cellId);
}

export function withAhead(state: State, message: EventMessage): State {
  if (state.ahead.size >= MAX_AHEAD) return state;
  return { ...state, ahead: new Map(state.ahead).set(message.seq, message) };
}

export function withWaiting(state: State, message: OutputMessage): State {
  const messages = state.waiting.get(message.cell_id) ?? [];
  if (messages.length >= MAX_AHEAD) return state;
  return { ...state, waiting: new Map(state.waiting).set(message.cell_id, [...messages, message]) };
}

export function changeCell(state: State, cellId: string, changes: Partial<Cell>): State {
  const { notebook } = state;
  const cells = notebook.cells.map((cell) => (cell.id === cellId ? { ...cell, ...changes } : cell));
  const changed = { ...notebook, cells };
  return { ...state, notebook: "order_key" in changes ? sorted(changed) : changed };
}

export function withCell(notebook: Notebook, cell: Cell): Notebook {
  return sorted({ ...notebook, cells: [...notebook.cells.filter((each) => each.id !== cell.id), cell] });
}

export function withoutCell(notebook: Notebook, cellId: string): Notebook {
  return { ...notebook, cells: notebook.cells.filter((cell) => cell.id !== cellId) };
}

/** In document order: order keys compare as ASCII bytes. */
export function sorted(notebook: Notebook): Notebook {
  const rank = (a: Cell, b: Cell): number => (a.order_key < b.order_key ? -1 : Number(a.order_key > b.order_key));
  return { ...notebook, cells: [...notebook.cells].sort(rank) };
}

export function queueCells(notebook: Notebook, queued: readonly { readonly cell_id: string }[]): Notebook {
  const ids = new Set(queued.map((each) => each.cell_id));
  // A cell that is running and is asked for again goes on running first.
  const isQueued = (cell: Cell): boolean => ids.has(cell.id) && cell.status !== "running";
  const queue = (cell: Cell): Cell => ({ ...cell, status: "queued", blocked_by: null });
  return { ...notebook, cells: notebook.cells.map((cell) => (isQueued(cell) ? queue(cell) : cell)) };
}
