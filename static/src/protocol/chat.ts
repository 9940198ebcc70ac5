// "Assistant" and "Turns" of docs/protocol.md: conversations, their turns, and what is told while one goes on.

import type { CellKind, Plan } from "./types";

/** What the assistant may do: read, propose, or edit and run. */
export type ChatMode = "ask" | "propose" | "agent";
/** `waiting`: for somebody's decision. */
export type TurnStatus = "queued" | "running" | "waiting" | "done" | "failed" | "cancelled";
export type ToolStatus = "writing" | "pending" | "waiting" | "started" | "done" | "cancelled";
export type Decision = "approved" | "rejected" | "answered";

export interface Conversation {
  readonly id: string;
  readonly title: string;
  readonly mode: ChatMode;
  readonly model: string;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly turn_count: number;
  /** Of its newest turn. */
  readonly status: TurnStatus | null;
}

export type Mention =
  | { readonly kind: "cell"; readonly cell_id: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

/** As it is sent; `data` is base64. */
export type Attachment =
  | { readonly kind: "image"; readonly media_type: string; readonly data: string }
  | { readonly kind: "file"; readonly name: string; readonly data: string };

/** As it is told. */
export interface SentAttachment {
  readonly kind: "image" | "file";
  readonly name: string;
  readonly media_type: string;
  readonly size_bytes: number;
}

export interface Usage {
  readonly steps: number;
  /** Without those of the cache. */
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  /** Null: nobody knows the price. */
  readonly cost_usd: number | null;
}

export interface ChatError {
  readonly code: string;
  readonly message: string;
}

/** What a change of the document would do; texts are null where there is none. */
export interface ChangePreview {
  readonly kind: "create" | "edit" | "delete" | "move";
  readonly cell_id: string | null;
  readonly version: number | null;
  readonly cell_kind: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Of a cell that is created or moved: the id of the one it is to follow, "start" or "end". */
  readonly position?: string;
}

export interface RunPreview {
  readonly kind: "run";
  readonly plan: Plan;
}

export interface SqlPreview {
  readonly kind: "sql";
  /** Its name. */
  readonly connection: string;
  readonly statement: string;
}

export interface Question {
  readonly question: string;
  readonly options: readonly string[];
}

/** What a tool has done to the document. */
export type DoneChange =
  | { readonly kind: "created"; readonly cell_id: string }
  | { readonly kind: "edited"; readonly cell_id: string; readonly from_version: number; readonly version: number }
  | { readonly kind: "deleted"; readonly cell_id: string; readonly version: number }
  | { readonly kind: "moved"; readonly cell_id: string };

export interface ToolDetails {
  readonly change?: DoneChange;
  readonly error?: ChatError;
  readonly cell_id?: string;
  readonly status?: string;
  readonly plan?: Plan;
  readonly proposal_id?: string;
}

export interface ToolBlock {
  readonly type: "tool";
  readonly id: string;
  readonly name: string;
  /** Null while the model writes it. */
  readonly input: Readonly<Record<string, unknown>> | null;
  readonly status: ToolStatus;
  readonly is_error: boolean;
  readonly preview: ChangePreview | RunPreview | SqlPreview | Question | Record<string, never>;
  /** Why somebody has to decide. */
  readonly reason: string;
  readonly details: ToolDetails;
  /** The text that the model got. */
  readonly result: string;
  readonly decision: Decision | "";
  readonly answer: string;
  readonly decided_by: string;
  readonly elapsed_ms: number | null;
}

export type TextBlock = { readonly type: "text" | "thinking" | "notice"; readonly text: string };
export type ChatBlock = TextBlock | ToolBlock;

/** What changes of a turn besides what is said in it. */
export interface TurnState {
  readonly id: string;
  readonly conversation_id: string;
  readonly number: number;
  readonly status: TurnStatus;
  readonly error: ChatError | null;
  readonly offset: number;
  /** It is shown, and no longer told to the model. */
  readonly is_left_out: boolean;
}

/** One message of a person, and all that follows from it. */
export interface Turn extends TurnState {
  readonly asked_by: string;
  readonly message: string;
  readonly mentions: readonly Mention[];
  readonly attachments: readonly SentAttachment[];
  readonly mode: ChatMode;
  readonly model: string;
  readonly notice: string;
  /** Who took back what it did to cells; null if nobody did. */
  readonly undone_by: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly blocks: readonly ChatBlock[];
  readonly usage: Usage;
}

export type ChatEvent =
  | { readonly type: "text_delta" | "thinking_delta"; readonly block: number; readonly text: string }
  | { readonly type: "tool_start" | "approval_needed" | "tool_result"; readonly block: number; readonly tool: ToolBlock }
  | { readonly type: "note"; readonly block: number; readonly text: string }
  | { readonly type: "rewind"; readonly blocks: number }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "error"; readonly error: ChatError }
  | { readonly type: "done"; readonly status: TurnStatus };

export interface ChatMessage {
  readonly type: "chat";
  readonly turn_id: string;
  readonly offset: number;
  readonly event: ChatEvent;
}

export type ProposalStatus = "open" | "stale" | "accepted" | "rejected";

/** A change that the assistant suggests ("Proposals" of docs/protocol.md); nothing of it is in the notebook. */
export interface Proposal {
  readonly id: string;
  readonly turn_id: string;
  readonly tool_call_id: string;
  readonly kind: ChangePreview["kind"];
  readonly status: ProposalStatus;
  /** Why a stale one fits no more. */
  readonly problem: string;
  /** Of one that creates: the id that the cell gets. */
  readonly cell_id: string;
  readonly cell_kind: CellKind;
  readonly version: number | null;
  readonly before: string | null;
  readonly after: string | null;
  /** "start", "end", or the id of the cell to follow, which may be a proposed one. */
  readonly position: string | null;
  readonly note: string;
  readonly made_by: string;
  readonly created_at: string;
  readonly decided_by: string;
  readonly decided_at: string | null;
}

/** What a turn did to one cell. */
export interface ChangedCell {
  readonly cell_id: string;
  readonly kind: CellKind;
  readonly changes: readonly DoneChange["kind"][];
  readonly from_version: number;
  readonly version: number;
  /** Null: it did not exist. */
  readonly before: string | null;
  /** Null: it was deleted. */
  readonly after: string | null;
  readonly is_deleted: boolean;
}

export interface UndoneChange {
  readonly cell_id: string;
  readonly change: DoneChange["kind"];
  readonly outcome: "undone" | "nothing" | "kept" | "moved" | "overwritten" | "deleted";
  /** Where it could not be exact: the text to go back to, and the one there is. */
  readonly before: string | null;
  readonly now: string | null;
}

export interface TurnUndo {
  readonly undone_by: string;
  readonly undone_at: string;
  readonly cells: readonly UndoneChange[];
}

/** A run, with how each of its cells ended. */
export interface RanCells {
  readonly id: string;
  readonly status: string;
  readonly cells: readonly { readonly cell_id: string; readonly status: string }[];
}

export interface TurnChanges {
  readonly turn_id: string;
  readonly cells: readonly ChangedCell[];
  readonly runs: readonly RanCells[];
  readonly undo: TurnUndo | null;
}

/** Of a cell that the assistant wrote: the newest turn that did, and the version it made. */
export interface CellMark {
  readonly cell_id: string;
  readonly turn_id: string;
  readonly conversation_id: string;
  readonly number: number;
  readonly asked_by: string;
  readonly at: string;
  readonly version: number;
}

/** Events of the notebook's log that are about the assistant. */
export type AssistantEvent =
  | { readonly type: "conversation_created" | "conversation_updated"; readonly conversation: Conversation }
  | { readonly type: "turn_created"; readonly turn: Turn }
  | { readonly type: "turn_updated"; readonly turn: TurnState }
  | { readonly type: "proposal_created"; readonly proposal: Proposal }
  | { readonly type: "proposal_decided"; readonly proposal_id: string; readonly status: ProposalStatus; readonly decided_by: string }
  | { readonly type: "turn_undone"; readonly turn_id: string; readonly undone_by: string };

export interface ChatAvailability {
  readonly is_available: boolean;
  /** Why not, and what to do. */
  readonly problem: string;
  readonly models: readonly { readonly id: string; readonly name: string }[];
  readonly model: string;
  readonly modes: readonly ChatMode[];
  readonly today: {
    readonly tokens: number;
    readonly cost_usd: number;
    readonly max_tokens: number | null;
    readonly max_cost_usd: number | null;
  };
}

/** One request to the model and what came back. */
export interface RecordedCall {
  readonly id: number;
  readonly model: string;
  readonly status: string;
  readonly request: unknown;
  readonly reply: unknown;
  readonly error: unknown;
  readonly stop_reason: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cost_usd: number | null;
  readonly created_at: string;
  readonly elapsed_ms: number | null;
}

/** A turn that goes on, without what is said in it. */
export interface UnfinishedTurn extends TurnState {
  /** The call that it came to last. */
  readonly tool: ToolBlock | null;
}

export interface SentMessage {
  message: string;
  conversation_id?: string;
  mode?: ChatMode;
  model?: string;
  mentions?: readonly Mention[];
  attachments?: readonly Attachment[];
  /** The turn that it replaces. */
  instead_of?: string;
}

export interface ChatCommands {
  chat_state: [object, ChatAvailability];
  chat_send: [SentMessage, { conversation: Conversation; turn: Turn }];
  chat_cancel: [{ turn_id: string; interrupt?: boolean }, { turn: Turn }];
  chat_retry: [{ turn_id: string }, { turn: Turn }];
  chat_decide: [{ tool_call_id: string; decision: Decision; answer?: string }, { turn: Turn }];
  chat_turn: [{ turn_id: string }, { turn: Turn }];
  chat_unfinished: [object, { turns: readonly UnfinishedTurn[] }];
  chat_record: [{ turn_id: string }, { calls: readonly RecordedCall[] }];
  chat_conversations: [{ search?: string }, { conversations: readonly Conversation[] }];
  chat_conversation: [
    { conversation_id: string; before_number?: number },
    { conversation: Conversation; turns: readonly Turn[] },
  ];
  chat_changes: [{ turn_id: string }, TurnChanges];
  chat_undo: [{ turn_id: string }, TurnUndo];
  chat_marks: [object, { marks: readonly CellMark[] }];
  proposals: [{ turn_id?: string }, { proposals: readonly Proposal[] }];
  proposal_accept: [{ proposal_id: string }, { proposal: Proposal }];
  proposal_reject: [{ proposal_id: string }, { proposal: Proposal }];
  chat_configure: [
    { conversation_id: string; title?: string; mode?: ChatMode; model?: string },
    { conversation: Conversation },
  ];
}
