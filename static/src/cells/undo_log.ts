// What this tab did to whole cells, so that it can be taken back and done again. A step is a change, ready to be made;
// making it gives the step that takes it back. Pure but for what the steps do.

/** Resolves to what takes it back; null if nothing can. Rejects if it was not made. */
export type Step = () => Promise<Step | null>;

const MOST = 100;

export class UndoLog {
  #undo: Step[] = [];
  #redo: Step[] = [];

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** What takes back what was done last. */
  get last(): Step | null {
    return this.#undo.at(-1) ?? null;
  }

  /** Something was done, which `step` takes back. */
  record(step: Step | null): void {
    if (!step) return;
    this.#undo = [...this.#undo, step].slice(-MOST);
    this.#redo = [];
  }

  /** It was taken back by other means. */
  forget(step: Step): void {
    this.#undo = this.#undo.filter((each) => each !== step);
  }

  /** Take back what was done last. What could not be, is not tried again: others were there since. */
  async undo(): Promise<void> {
    const inverse = await this.#undo.pop()?.();
    if (inverse) this.#redo = [...this.#redo, inverse].slice(-MOST);
  }

  /** Do again what was taken back last. */
  async redo(): Promise<void> {
    const inverse = await this.#redo.pop()?.();
    if (inverse) this.#undo = [...this.#undo, inverse].slice(-MOST);
  }
}

/** Several steps that are one to people: made in order, taken back from the last to the first. */
export function together(steps: readonly (Step | null)[]): Step {
  return async () => {
    const inverses: Step[] = [];
    for (const step of steps) {
      const inverse = await step?.();
      if (inverse) inverses.push(inverse);
    }
    return inverses.length > 0 ? together(inverses.toReversed()) : null;
  };
}
