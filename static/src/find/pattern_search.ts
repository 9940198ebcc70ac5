// Looks for regular expressions in a worker, which is ended when one takes too long: there are short ones that take
// longer than anybody lives, and nothing else can stop them. One question at a time; a newer one ends the one before.

import type { Range } from "../editor/marks";
import type { Question } from "./matches";

/** All cells of a long notebook take some 10 ms with an expression as people write them. */
const DEADLINE_MS = 2000;

/** The expression was still being looked for at the deadline. */
export class TooSlow extends Error {}

export class PatternSearch {
  #address: string;
  #worker: Worker | null = null;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  /** `address`: of the worker's script. */
  constructor(address: string) {
    this.#address = address;
  }

  /** What is in each of the texts. Never settles if another question comes first; rejects with TooSlow. */
  find(question: Question): Promise<Range[][]> {
    this.stop();
    const worker = (this.#worker = new Worker(this.#address));
    return new Promise((resolve, reject) => {
      worker.onerror = () => reject(new Error("The search could not be loaded. Reload the page."));
      worker.onmessage = ({ data }: MessageEvent<"ready" | Range[][]>) => {
        if (data !== "ready") {
          this.stop();
          return resolve(data);
        }
        this.#deadline = setTimeout(() => {
          this.stop();
          reject(new TooSlow());
        }, DEADLINE_MS);
        worker.postMessage(question);
      };
    });
  }

  stop(): void {
    clearTimeout(this.#deadline);
    this.#worker?.terminate();
    this.#worker = null;
  }
}
