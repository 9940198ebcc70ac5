// Cells as text: the cells of a .ipynb file, which is what goes through the clipboard. Pure.

import type { CellKind } from "../protocol/types";

export interface CopiedCell {
  readonly kind: CellKind;
  readonly source: string;
}

const MOST = 1000;
const TYPES: Readonly<Record<CellKind, string>> = {
  python: "code",
  sql: "code",
  sheet: "code",
  javascript: "code",
  markdown: "markdown",
  raw: "raw",
};

export function textOf(cells: readonly CopiedCell[]): string {
  const nodes = cells.map(({ kind, source }) => ({
    cell_type: TYPES[kind],
    metadata: isTold(kind) ? { tandem: { kind } } : {},
    source,
  }));
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: nodes });
}

/** The cells of a notebook, or of a list of cells, as text; null if it is neither. */
export function cellsIn(text: string): CopiedCell[] | null {
  const nodes = nodesIn(text);
  if (!nodes || nodes.length === 0 || nodes.length > MOST) return null;
  const cells = nodes.map(cellOf);
  return cells.every((cell) => cell !== null) ? cells : null;
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

function cellOf(node: unknown): CopiedCell | null {
  if (typeof node !== "object" || node === null || !("cell_type" in node)) return null;
  const { cell_type, source, metadata } = node as { cell_type: unknown; source?: unknown; metadata?: Metadata | null };
  const text = Array.isArray(source) ? source.join("") : (source ?? "");
  const kind = kindOf(cell_type, metadata);
  return typeof text === "string" && kind ? { kind, source: text } : null;
}

interface Metadata {
  readonly tandem?: { readonly kind?: unknown };
}

function kindOf(type: unknown, metadata: Metadata | null | undefined): CellKind | null {
  const kind = metadata?.tandem?.kind;
  if (type === "code") return isTold(kind) ? kind : "python";
  return type === "markdown" || type === "raw" ? type : null;
}

/** Whether the metadata has to tell cells of the kind from Python. */
function isTold(kind: unknown): kind is CellKind {
  return kind !== "python" && TYPES[kind as CellKind] === "code";
}
