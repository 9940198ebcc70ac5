// "History" of docs/protocol.md: what was written when by whom, and what can be brought back.

import type { Actor, CellKind } from "./types";

/** A series of edits by one actor: the steps from `from_version` to `version`. */
export interface HistoryEntry {
  readonly from_version: number;
  readonly version: number;
  readonly actor: Actor;
  readonly started_at: string;
  readonly ended_at: string;
  readonly count: number;
}

export interface CellHistory {
  /** The cell's version now. */
  readonly version: number;
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
}

export interface DeletedCell {
  readonly id: string;
  readonly kind: CellKind;
  readonly source: string;
  readonly deleted_at: string;
  readonly deleted_by: string;
}

export type CheckpointReason = "manual" | "delete" | "merge" | "undo" | "restore";

export interface Checkpoint {
  readonly id: string;
  readonly name: string;
  readonly reason: CheckpointReason;
  readonly actor: Actor;
  readonly created_at: string;
  readonly cell_count: number;
}

export type Change = "added" | "removed" | "changed" | "moved" | "moved_and_changed";

export interface CellText {
  readonly kind: CellKind;
  readonly source: string;
}

/** How a cell differs from what it was at a checkpoint: `before` is null if it is new, `after` if it is gone. */
export interface Difference {
  readonly cell_id: string;
  readonly change: Change;
  readonly before: CellText | null;
  readonly after: CellText | null;
}

export type UndoOutcome = "undone" | "nothing" | "overwritten" | "deleted";

export interface UndoneCell {
  readonly cell_id: string;
  readonly outcome: UndoOutcome;
  readonly version: number;
}

export interface EditRange {
  readonly cell_id: string;
  readonly from_version: number;
  readonly version: number;
}
