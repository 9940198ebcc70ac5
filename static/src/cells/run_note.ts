// The line under a cell: how its last run went, how long it took, counting while it runs, and who ran it.

import type { Cell, QueryProgressMessage } from "../protocol/types";
import { isRunnable } from "./kinds";
import { formatElapsed, progressNote, runnerNote, statusNote } from "./wording";

const TICK_MS = 200;

export class RunNote {
  #element: HTMLElement;
  #cell: Cell | null = null;
  #progress: QueryProgressMessage | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  show(cell: Cell): void {
    this.stop();
    this.#cell = cell;
    this.#write(cell);
    if (cell.status === "running") this.#timer = setInterval(() => this.#write(cell), TICK_MS);
  }

  /** Until the run that it is of has ended. */
  showProgress(progress: QueryProgressMessage): void {
    this.#progress = progress;
    if (this.#cell) this.#write(this.#cell);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  // Private

  #write({ kind, status, started_at, elapsed_ms, input_request, cell_run_id, run_by }: Cell): void {
    const runs = isRunnable(kind);
    const note = runs ? statusNote(status, input_request !== null) : null;
    const elapsed = runs ? elapsedMs(status, started_at, elapsed_ms) : null;
    if (status !== "running" || this.#progress?.cell_run_id !== cell_run_id) this.#progress = null;
    const progress = this.#progress && progressNote(this.#progress);
    const ran = elapsed === null ? [] : [formatElapsed(elapsed), run_by && runnerNote(run_by)];
    const parts = [note, ...ran, progress];
    this.#element.textContent = parts.filter((part) => part !== null).join(" · ");
  }
}

function elapsedMs(status: Cell["status"], startedAt: string | null, elapsed: number | null): number | null {
  if (status === "ok" || status === "error") return elapsed;
  if (status !== "running" || startedAt === null) return null;
  // The server's clock may be ahead of ours.
  return Math.max(0, Date.now() - Date.parse(startedAt));
}
