// Cells as text: the cells of a .ipynb file, which is what goes through the clipboard. What Jupyter has no place for is
// in the metadata, where apps/notebooks/ipynb_cells.py has it too; the connection of an SQL cell, and where the
// attachments of a text are, only here. Pure.

import type { Cell, CellKind, MimeBundle } from "../protocol/types";

/** What makes a cell what it is; how it ran stays behind. */
export type CopiedCell = Pick<
  Cell,
  "kind" | "source" | "metadata" | "is_disabled" | "result_name" | "cache_seconds" | "connection_id"
> & {
  /** The cell whose attachments its text shows. The page does not have them: the server copies them. */
  readonly attachments_of?: string;
};

const MOST = 1000;
const TYPES: Readonly<Record<CellKind, string>> = {
  python: "code",
  sql: "code",
  sheet: "code",
  javascript: "code",
  markdown: "markdown",
  raw: "raw",
};
/** What `tandem` in the metadata says that is a property of the cell here. */
const TOLD = ["kind", "result_name", "cache_seconds", "disabled", "connection_id", "attachments_of"];
const ATTACHMENT = "attachment:";

/** The cell with `text`, which may not have been sent yet. */
export function copyOf(cell: Cell, text: string): CopiedCell {
  const { id, kind, metadata, is_disabled, result_name, cache_seconds, connection_id } = cell;
  const attachments = mayHaveAttachments(kind) && text.includes(ATTACHMENT) && { attachments_of: id };
  return { kind, source: text, metadata, is_disabled, result_name, cache_seconds, connection_id, ...attachments };
}

/** A cell of which nothing is known but its kind and text. */
export function plainCell(kind: CellKind, source: string): CopiedCell {
  return { kind, source, metadata: {}, is_disabled: false, result_name: "", cache_seconds: 0, connection_id: null };
}

export function textOf(cells: readonly CopiedCell[]): string {
  const nodes = cells.map((cell) => ({ cell_type: TYPES[cell.kind], metadata: metadataOf(cell), source: cell.source }));
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: nodes });
}

/** The cells of a notebook, or of a list of cells, as text; null if it is neither. */
export function cellsIn(text: string): CopiedCell[] | null {
  const nodes = nodesIn(text);
  if (!nodes || nodes.length === 0 || nodes.length > MOST) return null;
  const cells = nodes.map(cellOf);
  return cells.every((cell) => cell !== null) ? cells : null;
}

function metadataOf(cell: CopiedCell): MimeBundle {
  const { kind, metadata, is_disabled, result_name, cache_seconds, connection_id, attachments_of } = cell;
  const told = {
    ...(isTold(kind) && { kind }),
    ...(result_name && { result_name }),
    ...(cache_seconds > 0 && { cache_seconds }),
    ...(is_disabled && { disabled: true }),
    ...(connection_id !== null && { connection_id }),
    ...(attachments_of && { attachments_of }),
  };
  return withOurs(metadata, { ...without(oursIn(metadata), TOLD), ...told });
}

function nodesIn(text: string): readonly unknown[] | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    const value = JSON.parse(text) as { cells?: unknown } | unknown[] | null;
    const nodes = Array.isArray(value) ? value : value?.cells;
    return Array.isArray(nodes) ? nodes : null;
  } catch {
    return null;
  }
}

/** A stranger may have written anything: what cannot be is left out. */
function cellOf(node: unknown): CopiedCell | null {
  if (!isObject(node) || !("cell_type" in node)) return null;
  const { cell_type, source } = node;
  const metadata = isObject(node["metadata"]) ? node["metadata"] : {};
  const ours = oursIn(metadata);
  const text = Array.isArray(source) ? source.join("") : (source ?? "");
  const kind = kindOf(cell_type, ours["kind"]);
  if (typeof text !== "string" || !kind) return null;
  const { result_name, cache_seconds, connection_id, disabled, attachments_of } = ours;
  return {
    kind,
    source: text,
    metadata: withOurs(metadata, without(ours, TOLD)),
    is_disabled: disabled === true,
    result_name: typeof result_name === "string" ? result_name : "",
    cache_seconds: Number.isInteger(cache_seconds) ? (cache_seconds as number) : 0,
    connection_id: kind === "sql" && typeof connection_id === "string" ? connection_id : null,
    ...(mayHaveAttachments(kind) && typeof attachments_of === "string" && { attachments_of }),
  };
}

function kindOf(type: unknown, told: unknown): CellKind | null {
  if (type === "code") return isTold(told) ? told : "python";
  return type === "markdown" || type === "raw" ? type : null;
}

/** As in files of Jupyter. */
function mayHaveAttachments(kind: CellKind): boolean {
  return kind === "markdown" || kind === "raw";
}

/** Whether the metadata has to tell cells of the kind from Python. */
function isTold(kind: unknown): kind is CellKind {
  return kind !== "python" && TYPES[kind as CellKind] === "code";
}

function isObject(value: unknown): value is MimeBundle {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function oursIn(metadata: MimeBundle): MimeBundle {
  return isObject(metadata["tandem"]) ? metadata["tandem"] : {};
}

function withOurs(metadata: MimeBundle, ours: MimeBundle): MimeBundle {
  return { ...without(metadata, ["tandem"]), ...(Object.keys(ours).length > 0 && { tandem: ours }) };
}

function without(bundle: MimeBundle, names: readonly string[]): MimeBundle {
  return Object.fromEntries(Object.entries(bundle).filter(([name]) => !names.includes(name)));
}
