// The notebook as the browser knows it: a pure state machine, no IO. `reduce` takes what the server sent and
// returns the next state and, as data, what is to be done about it (`Effect`). Whoever runs the effects feeds the
// answers back in. docs/protocol.md is the rule; tests/fixtures/protocol holds cases made by real commands.
//
// Delivery is a hint: events that come early wait for the missing ones (`ahead`), output messages that come early
// wait for theirs (`waiting`), and a gap asks the server.

import { applyChanges, ChangeSetError } from "./change_set";
import type { AssistantEvent } from "./chat";
import { applyOperations } from "./outputs";
import {
  changeCell,
  findCell,
  queueCells,
  sorted,
  type State,
  withAhead,
  withCell,
  withoutCell,
  withWaiting,
} from "./state";
import type {
  Cell,
  CellConfigured,
  CellProgress,
  CellUpdated,
  EventMessage,
  Heartbeat,
  Opened,
  OutputMessage,
  ServerMessage,
  SnapshotMessage,
  StoredOutputs,
} from "./types";

/** Server messages, and the answers to what effects asked for. */
export type Message =
  | ServerMessage
  | ({ readonly type: "opened" } & Opened)
  | ({ readonly type: "stored_outputs" } & StoredOutputs);

export type Effect =
  /** Events are missing: `open` with our seq. */
  | { readonly type: "resync"; readonly since_seq: number }
  /** The state cannot be right: `open` without a seq. */
  | { readonly type: "reload" }
  /** Output is missing. `soon`: when the server has written what it has sent. */
  | { readonly type: "fetch_outputs"; readonly cell_id: string; readonly soon: boolean }
  /** An open editor of the cell takes these in. */
  | { readonly type: "edit"; readonly event: CellUpdated }
  /** Something of the assistant is another, which is no part of the notebook. */
  | { readonly type: "assistant"; readonly event: AssistantEvent }
  /** The notebook is gone. */
  | { readonly type: "leave" };

export interface Reduction {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function reduce(state: State, message: Message): Reduction {
  switch (message.type) {
    case "snapshot":
      return takeSnapshot(state, message);
    case "event":
      return takeEvent(state, message);
    case "output":
      return takeOutput(state, message);
    case "heartbeat":
      return takeHeartbeat(state, message);
    case "opened":
      return caughtUp({ ...state, role: message.role, opened_seq: message.seq });
    case "stored_outputs":
      return takeStoredOutputs(state, message);
    default:
      // What is not about the notebook, and what a newer server says.
      return unchanged(state);
  }
}

// Snapshots and events

function takeSnapshot(state: State, { notebook }: SnapshotMessage): Reduction {
  if (notebook.seq < state.notebook.seq) return unchanged(state);
  const fresh = { ...state, notebook: sorted(notebook), waiting: new Map(), opened_seq: notebook.seq };
  return chain(fresh, caughtUp, takeAhead);
}

function takeEvent(state: State, message: EventMessage): Reduction {
  const expected = state.notebook.seq + 1;
  if (message.seq < expected) return unchanged(state);
  if (message.seq > expected) {
    return state.ahead.has(message.seq) ? unchanged(state) : resync(withAhead(state, message));
  }
  const { state: next, effects } = applyEvent(state, message);
  const numbered = { ...next, notebook: { ...next.notebook, seq: Math.max(message.seq, next.notebook.seq) } };
  return chain({ state: numbered, effects }, caughtUp, takeAhead);
}

function takeHeartbeat(state: State, { seq, offsets }: Heartbeat): Reduction {
  if (seq > state.notebook.seq) return resync(state);
  // The last output before a silence may be lost, and nothing after it would show that.
  const behind = state.notebook.cells.filter((cell) => cell.output_offset < (offsets[cell.id] ?? 0));
  return { state, effects: behind.map((cell) => ({ type: "fetch_outputs", cell_id: cell.id, soon: false })) };
}

/** Apply the events that waited for the one before them. */
function takeAhead(state: State): Reduction {
  const seq = state.notebook.seq;
  const next = state.ahead.get(seq + 1);
  const ahead = new Map([...state.ahead].filter(([each]) => each > seq + 1));
  const trimmed = ahead.size === state.ahead.size ? state : { ...state, ahead };
  return next ? takeEvent(trimmed, next) : unchanged(trimmed);
}

/** Once all events of an `open` are in, ask for what the running cells put out while nobody told us. */
function caughtUp(state: State): Reduction {
  if (state.opened_seq === null || state.notebook.seq < state.opened_seq) return unchanged(state);
  const running = state.notebook.cells.filter((cell) => cell.status === "running");
  return {
    state: { ...state, opened_seq: null },
    effects: running.map((cell) => ({ type: "fetch_outputs", cell_id: cell.id, soon: true })),
  };
}

function applyEvent(state: State, { event, actor }: EventMessage): Reduction {
  const { notebook } = state;
  switch (event.type) {
    case "notebook_created":
    case "notebook_renamed":
      return unchanged({ ...state, notebook: { ...notebook, title: event.title } });
    case "notebook_deleted":
      return { state, effects: [{ type: "leave" }] };
    case "cell_created":
      return unchanged({ ...state, notebook: withCell(notebook, event.cell) });
    case "cell_updated":
      return updateText(state, event);
    case "cell_moved":
      return unchanged(changeCell(state, event.cell_id, { order_key: event.order_key }));
    case "cell_deleted":
      return unchanged(deleteCell(state, event.cell_id, actor.label));
    case "cell_restored":
      return restoreCell(state, event.cell);
    case "cell_configured":
      return unchanged(configureCell(state, event));
    case "outputs_cleared":
      return unchanged(event.cell_ids.reduce((before, id) => changeCell(before, id, { outputs: [] }), state));
    case "notebook_configured":
      return unchanged({ ...state, notebook: { ...notebook, mode: event.mode, language: event.language } });
    case "checkpoint_created":
      return unchanged({ ...state, newest_checkpoint: event.checkpoint });
    case "run_started":
      return unchanged({ ...state, notebook: queueCells(notebook, event.run.cells) });
    case "cell_statuses":
      return chain(state, ...event.cells.map((progress) => (before: State) => takeProgress(before, progress)));
    case "input_requested":
      return unchanged(changeCell(state, event.cell_id, { input_request: event.input_request }));
    case "input_closed":
      return unchanged(changeCell(state, event.cell_id, { input_request: null }));
    case "run_finished":
    case "notebook_restored":
    case "notebook_tagged":
      return unchanged(state);
    case "kernel_status": {
      const kernel = { status: event.status, message: event.message };
      return unchanged({ ...state, notebook: { ...notebook, kernel } });
    }
    case "conversation_created":
    case "conversation_updated":
    case "turn_created":
    case "turn_updated":
    case "proposal_created":
    case "proposal_decided":
    case "turn_undone":
      return { state, effects: [{ type: "assistant", event }] };
    default:
      // A newer server's event: the page stays right in what it knows.
      return unchanged(state);
  }
}

function configureCell(state: State, { type: _, cell_id, ...settings }: CellConfigured): State {
  return changeCell(state, cell_id, settings);
}

function deleteCell(state: State, cellId: string, by: string): State {
  const deleted_by = new Map(state.deleted_by).set(cellId, by);
  return { ...state, notebook: withoutCell(state.notebook, cellId), deleted_by };
}

/** The event does not carry the outputs: until they are asked for, the cell has put out nothing yet. */
function restoreCell(state: State, cell: Cell): Reduction {
  const deleted_by = new Map(state.deleted_by);
  deleted_by.delete(cell.id);
  const bare = { ...cell, output_offset: 0, outputs: [] };
  const next = { ...state, notebook: withCell(state.notebook, bare), deleted_by };
  if (cell.output_offset === 0) return unchanged(next);
  return { state: next, effects: [{ type: "fetch_outputs", cell_id: cell.id, soon: false }] };
}

function updateText(state: State, event: CellUpdated): Reduction {
  const cell = findCell(state.notebook, event.cell_id);
  if (!cell) return unchanged(state);
  if (cell.version + event.updates.length !== event.version) return { state, effects: [{ type: "reload" }] };
  try {
    const source = event.updates.reduce((text, update) => applyChanges(text, update.changes), cell.source);
    const next = changeCell(state, cell.id, { source, version: event.version });
    return { state: next, effects: [{ type: "edit", event }] };
  } catch (error) {
    if (!(error instanceof ChangeSetError)) throw error;
    return { state, effects: [{ type: "reload" }] };
  }
}

// Status and outputs

function takeProgress(state: State, progress: CellProgress): Reduction {
  const cell = findCell(state.notebook, progress.cell_id);
  if (!cell) return unchanged(state);
  // Code that begins or ends waits for no input.
  const input_request = null;
  const { cell_id, ...rest } = progress;
  const begun = { ...rest, input_request };
  if (begun.status === "running") return takeWaiting(changeCell(state, cell_id, { ...begun, outputs: [] }), cell_id);
  const { status, execution_count, started_at, elapsed_ms, blocked_by, run_by } = begun;
  if (begun.cell_run_id !== cell.cell_run_id) {
    // It never ran (blocked, cancelled, queued): what is shown stays that of its last run.
    return unchanged(changeCell(state, cell_id, { status, started_at, elapsed_ms, blocked_by, run_by, input_request }));
  }
  const ended = { status, execution_count, started_at, elapsed_ms, blocked_by, run_by, input_request };
  const next = changeCell(state, cell_id, ended);
  if (cell.output_offset >= begun.output_offset) return unchanged(next);
  return { state: next, effects: [{ type: "fetch_outputs", cell_id, soon: false }] };
}

function takeOutput(state: State, message: OutputMessage): Reduction {
  const cell = findCell(state.notebook, message.cell_id);
  if (!cell) return unchanged(state);
  if (message.cell_run_id !== cell.cell_run_id) return unchanged(withWaiting(state, message));
  const skipped = cell.output_offset - message.offset;
  if (skipped < 0) {
    const asked = isBehind(state, cell);
    const next = withWaiting(state, message);
    return { state: next, effects: asked ? [] : [{ type: "fetch_outputs", cell_id: cell.id, soon: false }] };
  }
  return unchanged(appendOutput(state, cell, message.outputs.slice(skipped)));
}

function appendOutput(state: State, cell: Cell, operations: OutputMessage["outputs"]): State {
  if (operations.length === 0) return state;
  const outputs = applyOperations(cell.outputs, operations);
  return changeCell(state, cell.id, { outputs, output_offset: cell.output_offset + operations.length });
}

function takeStoredOutputs(state: State, stored: StoredOutputs): Reduction {
  const cell = findCell(state.notebook, stored.cell_id);
  if (!cell || stored.cell_run_id !== cell.cell_run_id) return unchanged(state);
  if (stored.output_offset <= cell.output_offset) return takeWaiting(state, cell.id);
  const { outputs, output_offset } = stored;
  return takeWaiting(changeCell(state, cell.id, { outputs, output_offset }), cell.id);
}

/** Apply the output messages that waited for this run; if there is still a gap before the first, ask again. */
function takeWaiting(state: State, cellId: string): Reduction {
  const cell = findCell(state.notebook, cellId);
  const messages = state.waiting.get(cellId) ?? [];
  const waiting = new Map(state.waiting);
  waiting.delete(cellId);
  const start: State = { ...state, waiting };
  const next = messages
    .filter((message) => message.cell_run_id === cell?.cell_run_id)
    .reduce((before, message) => takeOutput(before, message).state, start);
  const behind = cell !== undefined && isBehind(next, cell);
  return { state: next, effects: behind ? [{ type: "fetch_outputs", cell_id: cellId, soon: true }] : [] };
}

/** Whether output of the cell's run waits for output before it. */
function isBehind(state: State, cell: Cell): boolean {
  return (state.waiting.get(cell.id) ?? []).some((message) => message.cell_run_id === cell.cell_run_id);
}

// Reductions

function unchanged(state: State): Reduction {
  return { state, effects: [] };
}

function resync(state: State): Reduction {
  return { state, effects: [{ type: "resync", since_seq: state.notebook.seq }] };
}

/** The steps one after the other, with all their effects. */
function chain(start: State | Reduction, ...steps: ((state: State) => Reduction)[]): Reduction {
  const first = "effects" in start ? start : unchanged(start);
  return steps.reduce((before, step) => {
    const after = step(before.state);
    return { state: after.state, effects: [...before.effects, ...after.effects] };
  }, first);
}
