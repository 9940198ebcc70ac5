// What the tests share: the fixtures that Python reads too, and small notebooks.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  Cell,
  CellDependencies,
  EventMessage,
  Notebook,
  NotebookEvent,
  OutputMessage,
  OutputOperation,
  StreamOutput,
} from "./protocol/types";

/** `[name, content]` of each fixture of tests/fixtures/<folder>. Tests run at the root of the repository. */
export function fixtures<T>(folder: string): [string, T][] {
  const path = join("tests/fixtures", folder);
  const names = readdirSync(path).filter((name) => name.endsWith(".json"));
  return names.map((name) => [name, JSON.parse(readFileSync(join(path, name), "utf8")) as T]);
}

/** Numbers from 0 to below the argument, the same at every run (Park and Miller's generator). */
export function randomNumbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
}

export function cell(id: string, changes: Partial<Cell> = {}): Cell {
  return {
    id,
    kind: "python",
    source: "",
    version: 0,
    order_key: id,
    metadata: {},
    status: "idle",
    execution_count: null,
    started_at: null,
    elapsed_ms: null,
    cell_run_id: null,
    run_by: null,
    output_offset: 0,
    blocked_by: null,
    is_disabled: false,
    result_name: "",
    connection_id: null,
    cache_seconds: 0,
    input_request: null,
    outputs: [],
    ...changes,
  };
}

export function notebook(cells: Cell[], changes: Partial<Notebook> = {}): Notebook {
  const kernel = { status: "idle", message: "" } as const;
  return { id: "notebook", title: "A notebook", seq: 1, mode: "auto", language: "python", kernel, cells, ...changes };
}

export function dependent(changes: Partial<CellDependencies> = {}): CellDependencies {
  return { reads: {}, writes: [], stale: null, obstacle: null, error: null, warnings: [], ...changes };
}

export function event(seq: number, content: NotebookEvent): EventMessage {
  return { type: "event", seq, actor: { kind: "user", label: "ada" }, event: content };
}

export function output(cellId: string, runId: string, offset: number, ...outputs: OutputOperation[]): OutputMessage {
  return { type: "output", cell_id: cellId, cell_run_id: runId, offset, outputs };
}

export function stdout(text: string): StreamOutput {
  return { output_type: "stream", name: "stdout", text };
}
