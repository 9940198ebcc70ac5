// Marks what is likely wrong with the code that somebody types, once they rest. The server knows; while it cannot be
// asked, nothing is marked.

import { Alarm } from "../alarm";
import type { Problem } from "../editor/marks";

const REST_MS = 900;

/** The cell around it. */
interface Linted {
  readonly text: string;
  lint(source: string): Promise<readonly Problem[]>;
  show(problems: readonly Problem[]): void;
}

export class CellLint {
  #cell: Linted;
  #alarm = new Alarm(() => void this.#ask());
  /** The text that was asked about last. */
  #asked: string | null = null;

  constructor(cell: Linted) {
    this.#cell = cell;
  }

  stop(): void {
    this.#alarm.cancel();
  }

  /** Somebody was at the text: it may be another. */
  touched(): void {
    if (this.#cell.text === this.#asked) return;
    this.#alarm.cancel();
    this.#alarm.within(REST_MS);
  }

  // Private

  async #ask(): Promise<void> {
    const text = (this.#asked = this.#cell.text);
    try {
      const problems = await this.#cell.lint(text);
      if (this.#cell.text === text) this.#cell.show(problems);
    } catch {
      this.#asked = null;
    }
  }
}
