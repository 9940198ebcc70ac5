// The frames of docs/protocol.md. Names here, there and in Python are the same.

import type { AssistantEvent, ChatCommands, ChatMessage } from "./chat";
import type { Preferences } from "../preferences";
import type { CellHistory, Checkpoint, DeletedCell, Difference, EditRange, UndoneCell } from "./history";
import type { WidgetModel, WidgetsMessage } from "../widgets/messages";

export type CellKind = "python" | "markdown" | "sql" | "sheet" | "javascript" | "raw";
export type CellStatus = "idle" | "queued" | "running" | "ok" | "error" | "blocked" | "cancelled";
export type KernelStatus = "off" | "starting" | "idle" | "busy" | "dead";
export type Role = "viewer" | "editor" | "owner";
export type RunScope = "cell" | "all" | "above" | "below" | "stale";
/** Whether a run takes along the cells that depend on what it was asked for, or leaves them stale. */
export type RunMode = "auto" | "lazy";

export type MimeBundle = Readonly<Record<string, unknown>>;

/** In a bundle, in place of the base64 of large binary data. */
export interface FileReference {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly width?: number;
  readonly height?: number;
}

/** `ChangeSet.toJSON` of @codemirror/state: keep n, delete [n], replace [n, "line", …]. */
export type ChangeSetJson = readonly (number | readonly [number, ...string[]])[];

export interface StreamOutput {
  readonly output_type: "stream";
  readonly name: string;
  readonly text: string;
}

export interface DisplayOutput {
  readonly output_type: "display_data" | "execute_result";
  readonly data: MimeBundle;
  readonly metadata: MimeBundle;
  readonly execution_count?: number | null;
  readonly transient?: { readonly display_id?: string };
}

export interface ErrorOutput {
  readonly output_type: "error";
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export type Output = StreamOutput | DisplayOutput | ErrorOutput;

export interface ClearOutput {
  readonly output_type: "clear_output";
}

export interface UpdateDisplayData {
  readonly output_type: "update_display_data";
  readonly data: MimeBundle;
  readonly metadata: MimeBundle;
  readonly transient: { readonly display_id: string };
}

export type OutputOperation = Output | ClearOutput | UpdateDisplayData;

/** What the code of a running cell asks people with `input()`. */
export interface InputRequest {
  readonly id: string;
  readonly prompt: string;
  readonly is_password: boolean;
}

/** Who ran a cell last; `is_reactive`: they asked for another, with which it had to run. */
export interface RunBy extends Actor {
  readonly is_reactive: boolean;
}

export interface Cell {
  readonly id: string;
  readonly kind: CellKind;
  readonly source: string;
  readonly version: number;
  readonly order_key: string;
  readonly metadata: MimeBundle;
  readonly status: CellStatus;
  readonly execution_count: number | null;
  readonly started_at: string | null;
  readonly elapsed_ms: number | null;
  readonly cell_run_id: string | null;
  readonly run_by: RunBy | null;
  readonly output_offset: number;
  /** The failed cell because of which this one did not run. */
  readonly blocked_by: string | null;
  /** It never runs, and neither does what needs it. */
  readonly is_disabled: boolean;
  /** What the dataframe of an SQL or sheet cell is called in the kernel. */
  readonly result_name: string;
  /** The database that an SQL cell asks; null: dataframes and files. */
  readonly connection_id: string | null;
  /** For how long its last answer is good enough for another run; 0: not at all. */
  readonly cache_seconds: number;
  readonly input_request: InputRequest | null;
  readonly outputs: readonly Output[];
}

export interface Kernel {
  readonly status: KernelStatus;
  readonly message: string;
}

export interface Notebook {
  readonly id: string;
  readonly title: string;
  readonly seq: number;
  readonly mode: RunMode;
  readonly language: string;
  readonly kernel: Kernel;
  readonly cells: readonly Cell[];
}

export interface Update {
  readonly client_id: string;
  readonly changes: ChangeSetJson;
}

export interface CellUpdated {
  readonly type: "cell_updated";
  readonly cell_id: string;
  readonly version: number;
  readonly updates: readonly Update[];
}

export interface CellConfigured {
  readonly type: "cell_configured";
  readonly cell_id: string;
  readonly kind: CellKind;
  readonly is_disabled: boolean;
  readonly result_name: string;
  readonly connection_id: string | null;
  readonly cache_seconds: number;
  readonly metadata: MimeBundle;
}

/** Where a cell has got to in a run. */
export interface CellProgress {
  readonly cell_id: string;
  readonly cell_run_id: string | null;
  readonly status: CellStatus;
  readonly execution_count: number | null;
  readonly started_at: string | null;
  readonly elapsed_ms: number | null;
  readonly output_offset: number;
  readonly blocked_by: string | null;
  readonly run_by: RunBy | null;
}

/** Many cells at once, in the order in which it happened; a cell may be there more than once. */
export interface CellStatuses {
  readonly type: "cell_statuses";
  readonly cells: readonly CellProgress[];
}

export interface Run {
  readonly id: string;
  readonly scope: RunScope;
  readonly status: string;
  readonly cells: readonly { readonly cell_id: string; readonly cell_run_id: string }[];
}

export type NotebookEvent =
  | { readonly type: "notebook_created"; readonly title: string }
  | { readonly type: "notebook_renamed"; readonly title: string }
  | { readonly type: "notebook_deleted" }
  | { readonly type: "notebook_restored"; readonly title: string }
  | { readonly type: "notebook_tagged"; readonly tags: readonly string[] }
  | { readonly type: "cell_created"; readonly cell: Cell }
  | CellUpdated
  | { readonly type: "cell_moved"; readonly cell_id: string; readonly order_key: string }
  | { readonly type: "cell_deleted"; readonly cell_id: string }
  | { readonly type: "cell_restored"; readonly cell: Cell }
  | CellConfigured
  | { readonly type: "outputs_cleared"; readonly cell_ids: readonly string[] }
  | { readonly type: "notebook_configured"; readonly mode: RunMode; readonly language: string }
  | { readonly type: "checkpoint_created"; readonly checkpoint: Checkpoint }
  | { readonly type: "run_started"; readonly run: Run }
  | CellStatuses
  | { readonly type: "input_requested"; readonly cell_id: string; readonly input_request: InputRequest }
  | { readonly type: "input_closed"; readonly cell_id: string; readonly request_id: string }
  | { readonly type: "run_finished"; readonly run_id: string; readonly status: string }
  | { readonly type: "kernel_status"; readonly status: KernelStatus; readonly message: string }
  | AssistantEvent;

/** Who did it; `label` is what people call them. */
export interface Actor {
  readonly kind: string;
  readonly label: string;
}

export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** `ErrorJson.details` where a cell had another version than the command was made on. */
export type ConflictDetails = {
  readonly cell_id: string;
  readonly version: number;
  readonly source: string;
  readonly edited_by: readonly string[];
};

export type Reply =
  | { readonly type: "reply"; readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly type: "reply"; readonly id: number; readonly ok: false; readonly error: ErrorJson };

export interface SnapshotMessage {
  readonly type: "snapshot";
  readonly seq: number;
  readonly notebook: Notebook;
}

export interface EventMessage {
  readonly type: "event";
  readonly seq: number;
  readonly actor: Actor;
  readonly event: NotebookEvent;
}

export interface OutputMessage {
  readonly type: "output";
  readonly cell_id: string;
  readonly cell_run_id: string;
  readonly offset: number;
  readonly outputs: readonly OutputOperation[];
}

export interface Heartbeat {
  readonly type: "heartbeat";
  readonly seq: number;
  /** How many output operations of each running cell are stored. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Of whoever is connected. */
  readonly preferences?: Preferences;
}

export type StaleKind =
  /** Not in this kernel. */
  | "never_ran"
  /** It was edited since it ran. */
  | "source_changed"
  /** It was stopped midway. */
  | "interrupted"
  /** `name` is from another run than when it ran. */
  | "input_changed"
  /** Another cell has overwritten `name` since. */
  | "binding_lost"
  /** It reads `name` from `cell_id`, which is stale. */
  | "producer_stale";

export interface StaleReason {
  readonly reason: StaleKind;
  readonly name?: string;
  readonly cell_id?: string;
}

/** Why a cell never runs: `cell_id`, itself or one that it needs, is disabled or in a cycle. */
export interface Obstacle {
  readonly kind: "disabled" | "cycle";
  readonly cell_id: string;
}

/** What the server knows of a cell that can be run. */
export interface CellDependencies {
  /** The names it uses, and the cell each comes from. */
  readonly reads: Readonly<Record<string, string>>;
  readonly writes: readonly string[];
  readonly stale: StaleReason | null;
  readonly obstacle: Obstacle | null;
  /** Why its text cannot be read. */
  readonly error: string | null;
  readonly warnings: readonly string[];
}

/** Cells that need each other, each the next and the last the first, by these names. */
export interface Cycle {
  readonly cell_ids: readonly string[];
  readonly names: readonly string[];
}

/** No event: the server works it out again after the notebook or its results have changed. */
export interface DependenciesMessage {
  readonly type: "dependencies";
  /** All there is, in place of what was known; else what has changed (null: it is gone). */
  readonly is_whole: boolean;
  readonly cells: Readonly<Record<string, CellDependencies | null>>;
  /** Always all of them. */
  readonly cycles: readonly Cycle[];
}

export interface PlanReason {
  readonly kind: string;
  /** Ready to be shown. */
  readonly text: string;
  readonly name?: string;
  readonly cell_id?: string;
}

/** What a run would do. */
export interface Plan {
  readonly cells: readonly {
    readonly cell_id: string;
    readonly reasons: readonly PlanReason[];
    readonly estimated_s: number | null;
  }[];
  readonly skipped: readonly { readonly cell_id: string; readonly kind: string; readonly because_of: string }[];
  readonly estimated_s: number | null;
}

/** What the server sends unasked, and what becomes part of the state. */
export type ServerMessage = SnapshotMessage | EventMessage | OutputMessage | Heartbeat;

/** In UTF-16 units of the text at `version`. */
export interface Selection {
  readonly version: number;
  readonly anchor: number;
  readonly head: number;
}

/** Which cell somebody is on, and where in its text. */
export interface Whereabouts {
  readonly cell_id: string | null;
  readonly selection: Selection | null;
}

export interface PresenceEntry extends Whereabouts {
  readonly client_id: string;
  readonly actor: Actor;
}

export interface PresenceMessage {
  readonly type: "presence";
  readonly here: readonly PresenceEntry[];
  readonly gone: readonly string[];
}

/** A hint: files of the notebook's folder were changed, other than by code in cells. */
export interface FilesChangedMessage {
  readonly type: "files_changed";
}

/** A hint: how far the query of a running SQL cell is. */
export interface QueryProgressMessage {
  readonly type: "query_progress";
  readonly cell_id: string;
  readonly cell_run_id: string;
  readonly state: "queued" | "waiting" | "fetching";
  readonly rows: number;
  readonly bytes: number;
}

/** Everything the server sends unasked. */
export type PushedMessage = ServerMessage | PresenceMessage | DependenciesMessage | ChatMessage | FilesChangedMessage | QueryProgressMessage | WidgetsMessage;

export interface Opened {
  readonly seq: number;
  readonly role: Role;
  readonly client_id: string;
}

export interface StoredOutputs {
  readonly cell_id: string;
  readonly cell_run_id: string | null;
  readonly output_offset: number;
  readonly outputs: readonly Output[];
}

export interface VersionedUpdate extends Update {
  readonly version: number;
}

export interface CellUpdates {
  readonly version: number;
  readonly updates: readonly VersionedUpdate[];
}

/** How the text may go on: `matches` in place of what is from `start` to `end`, in UTF-16 units. */
export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly matches: readonly string[];
  /** Who knew: the live kernel, or the text of the notebook alone. */
  readonly origin: "kernel" | "source";
}

/** A variable of the kernel, in words; what is not known is empty or null. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  /** Lengths, like `100 × 3`. */
  readonly shape: string;
  readonly size_bytes: number | null;
  readonly preview: string;
  /** The cell that bound it last. */
  readonly cell_id: string | null;
  /** ... in the last run. */
  readonly is_changed: boolean;
}

export interface Variables {
  readonly variables: readonly Variable[];
  readonly is_complete: boolean;
}

/** A table of its first rows, items or attributes, or a text; `more` is how many there are besides. */
export interface VariableDetails {
  readonly type: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly text: string;
  readonly more: number;
}

/** In the notebook's folder; `kind` is "file", "folder", or what else it is. */
export interface FileEntry {
  readonly name: string;
  readonly kind: string;
  readonly size_bytes: number;
}

/** What a kernel with all its processes takes of the machine; `cpu_s`: seconds of computing since it started. */
export interface KernelUsage {
  readonly memory_bytes: number;
  readonly cpu_s: number;
  readonly processes: number;
  readonly disk_bytes: number;
}

export interface KernelSpec {
  readonly name: string;
  readonly display_name: string;
  /** Of the code, in lower case. */
  readonly language: string;
}

/** What a notebook can have; `default` is what one has that names none. */
export interface KernelSpecs {
  readonly default: string;
  readonly kernelspecs: readonly KernelSpec[];
}

export interface KernelReport extends Kernel {
  readonly started_at: string | null;
  /** Where kernels run: in a sandbox here, on a gateway, or without a sandbox. */
  readonly sandbox: "bwrap" | "gateway" | "off";
  readonly sandbox_problem: string;
  readonly has_network: boolean;
  readonly execution_count: number;
  /** Null if there is no kernel, or it starts. */
  readonly usage: KernelUsage | null;
  readonly limits: {
    readonly memory_bytes: number;
    readonly processes: number;
    readonly disk_bytes: number;
    readonly cell_timeout_s: number;
    readonly idle_s: number;
    readonly text_chars: number;
  };
  readonly kernelspec: KernelSpec;
  /** Null of a kernel of another make, or elsewhere. */
  readonly environment: { readonly python_version: string; readonly package_count: number } | null;
}

export interface KernelPackages {
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

/** What is likely wrong with code, in UTF-16 units of the text that was sent. */
export interface CodeProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** The kernel is still working at it: ask the same again. */
export interface Pending {
  readonly is_pending: true;
}

export type Found<What> = What & { readonly is_pending: false };

export interface TableView {
  readonly sort: readonly { readonly column: number; readonly is_descending: boolean }[];
  readonly filters: readonly { readonly column: number; readonly operation: string; readonly value: string }[];
  readonly search: string;
}

export type TablePage = Found<{
  readonly row_count: number;
  readonly numbers: readonly number[];
  readonly rows: readonly (readonly (string | null)[])[];
}>;

/** A database that SQL cells can ask, or, if it is not shared with the notebook yet, a connection of one's own. */
export interface Source {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly is_shared: boolean;
}

/** What there is to set of a cell; what is absent stays. */
export interface CellSettings {
  readonly kind?: CellKind;
  readonly is_disabled?: boolean;
  /** Of an SQL or sheet cell. */
  readonly result_name?: string;
  readonly cache_seconds?: number;
  readonly is_source_hidden?: boolean;
  readonly are_outputs_hidden?: boolean;
  /** Its outputs scroll in a box of limited height. */
  readonly is_scrolled?: boolean;
}

/** The commands of a page: their fields and what their reply carries. */
export interface Commands extends ChatCommands {
  open: [{ since_seq?: number }, Opened];
  cell_create: [
    { kind: CellKind; source?: string; after?: string | null; cell_id?: string; attachments_of?: string } & Partial<
      Pick<Cell, "metadata" | "is_disabled" | "result_name" | "cache_seconds">
    >,
    { cell: Cell },
  ];
  cell_push: [
    { cell_id: string; version: number; client_id: string; updates: ChangeSetJson[] },
    { version: number },
  ];
  cell_move: [{ cell_id: string; after: string | null }, { order_key: string }];
  cell_delete: [{ cell_id: string; expected_version?: number }, object];
  cell_split: [{ cell_id: string; version: number; position: number }, { cell: Cell }];
  cell_merge: [
    { cell_id: string; version: number; next_cell_id: string; next_version: number },
    { version: number },
  ];
  cell_restore: [{ cell_id: string }, { cell: Cell }];
  cell_configure: [{ cell_id: string } & CellSettings, object];
  outputs_clear: [{ cell_id?: string }, object];
  cell_history: [{ cell_id: string; before_version?: number }, CellHistory];
  cell_version: [{ cell_id: string; version: number }, { version: number; source: string }];
  cell_restore_version: [{ cell_id: string; version: number; expected_version: number }, { version: number }];
  undo: [{ actor: Actor; edits: readonly EditRange[] }, { cells: readonly UndoneCell[] }];
  deleted_cells: [object, { cells: readonly DeletedCell[] }];
  checkpoint_create: [{ name: string }, { checkpoint: Checkpoint }];
  checkpoints: [object, { checkpoints: readonly Checkpoint[] }];
  checkpoint_diff: [{ checkpoint_id: string }, { cells: readonly Difference[] }];
  checkpoint_restore: [{ checkpoint_id: string }, object];
  cell_updates: [{ cell_id: string; since_version: number }, CellUpdates];
  outputs: [{ cell_id: string }, StoredOutputs];
  render_markdown: [{ cell_id: string; source: string }, { html: string }];
  notebook_rename: [{ title: string }, object];
  notebook_configure: [{ mode: RunMode }, object];
  run: [{ scope: RunScope; cell_id?: string; is_refresh?: boolean }, { run: Run }];
  plan: [{ scope: RunScope; cell_id?: string }, Plan];
  code_complete: [{ cell_id: string; source: string; position: number }, Completions];
  code_suggest: [{ cell_id: string; source: string; position: number }, { text: string }];
  code_inspect: [{ cell_id: string; source: string; position: number }, { text: string; origin: string }];
  code_format: [{ source: string }, { source: string }];
  code_lint: [{ cell_id: string; source: string }, { problems: readonly CodeProblem[] }];
  variables: [object, Variables];
  variable: [{ name: string }, VariableDetails];
  table_page: [{ table_id: string; view?: TableView; offset: number; limit: number }, Pending | TablePage];
  table_cell: [{ table_id: string; row: number; column: number }, Pending | Found<{ text: string | null }>];
  table_summary: [{ table_id: string; columns: readonly [number, number] }, Pending | Found<{ summaries: readonly unknown[] }>];
  table_file: [
    { table_id: string; view: TableView; format: string },
    Pending | Found<{ file_id: string; size_bytes: number }>,
  ];
  cell_connect: [{ cell_id: string; connection_id: string | null }, object];
  connections: [object, { connections: readonly Source[] }];
  widget_models: [{ comm_ids: readonly string[] }, { models: Readonly<Record<string, WidgetModel>> }];
  comm_send: [
    {
      comm_id: string;
      message_id: string;
      cell_id: string;
      data: unknown;
      buffers: readonly string[];
      is_again: boolean;
    },
    object,
  ];
  files: [{ path?: string }, { files: readonly FileEntry[]; is_complete: boolean }];
  input_answer: [{ cell_id: string; request_id: string; value: string }, object];
  interrupt: [object, object];
  restart: [object, object];
  shutdown: [object, object];
  kernel: [object, KernelReport];
  kernelspecs: [Record<string, never>, KernelSpecs];
  kernel_choose: [{ name: string }, Record<string, never>];
  packages: [object, KernelPackages];
}

/** What is told without being answered. */
export interface Tellings {
  presence: Whereabouts;
}

export type Fields<Name extends keyof Commands> = Commands[Name][0];
export type Result<Name extends keyof Commands> = Commands[Name][1];
