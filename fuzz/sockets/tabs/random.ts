// Choices that are the same at every run of a seed.

import { randomNumbers } from "../../../static/src/testing";

export class Random {
  /** From 0 to below the argument. */
  readonly below: (end: number) => number;

  constructor(seed: number) {
    this.below = randomNumbers(1 + seed);
    // The first numbers of neighbouring seeds are alike.
    for (let skipped = 0; skipped < 10; skipped++) this.below(2);
  }

  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  choice<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }
}
