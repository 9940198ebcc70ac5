// What is said of a run that was started here, for whoever cannot see it: how it ended, and that it goes on, if it takes
// longer. One run after the other; a newer one is what people wait for.

import { Alarm } from "../alarm";
import type { Cell, Run } from "../protocol/types";

const LONG_MS = 1000;

export class RunNews {
  #say: (text: string) => void;
  #run: Run | null = null;
  #cells: readonly Cell[] = [];
  #long = new Alarm(() => this.#run && this.#say(goingOn(this.#run, this.#cells)));

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Somebody started it here. */
  started(run: Run): void {
    if (run.cells.length === 0) return;
    this.#run = run;
    this.#long.cancel();
    this.#long.within(LONG_MS);
    this.show(this.#cells);
  }

  /** The cells as they are now. */
  show(cells: readonly Cell[]): void {
    this.#cells = cells;
    const ended = this.#run && outcome(this.#run, cells);
    if (!ended) return;
    this.#run = null;
    this.#long.cancel();
    this.#say(ended);
  }
}

export function goingOn(run: Run, cells: readonly Cell[]): string {
  const mine = ofRun(run, cells);
  if (mine.some((cell) => cell.input_request)) return `${nameOf(mine.find((cell) => cell.input_request), cells)} waits for input.`;
  if (run.cells.length > 1) return `${run.cells.length} cells are running.`;
  return `${nameOf(mine[0], cells)} is running.`;
}

/** Null while it goes on. */
export function outcome(run: Run, cells: readonly Cell[]): string | null {
  const mine = ofRun(run, cells);
  // The reply can come before the event that the cells wait.
  if (mine.length === 0 || mine.some(({ status }) => status === "running" || status === "queued")) return null;
  const failed = mine.find(({ status }) => status === "error");
  if (failed) return `${nameOf(failed, cells)} failed: ${errorOf(failed)}`;
  if (mine.some(({ status }) => status === "cancelled")) return "The run was stopped.";
  return mine.length === 1 ? `${nameOf(mine[0], cells)} is done.` : `${mine.length} cells are done.`;
}

function ofRun(run: Run, cells: readonly Cell[]): Cell[] {
  const ids = new Set(run.cells.map(({ cell_run_id }) => cell_run_id));
  return cells.filter(({ cell_run_id }) => cell_run_id !== null && ids.has(cell_run_id));
}

function nameOf(cell: Cell | undefined, cells: readonly Cell[]): string {
  return cell ? `Cell ${cells.indexOf(cell) + 1}` : "The cell";
}

function errorOf({ outputs }: Cell): string {
  const error = outputs.find((output) => output.output_type === "error");
  return error?.output_type === "error" ? error.ename : "see its output";
}
