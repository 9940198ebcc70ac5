// One timer for things that are asked for often and are to be done once, soon.

export class Alarm {
  #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = Infinity;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Ring after this time; asked again before, at the earlier of the two. */
  within(delayMs: number): void {
    const dueMs = Date.now() + delayMs;
    if (dueMs >= this.#dueMs) return;
    this.cancel();
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#dueMs = Infinity;
      this.#ring();
    }, delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#dueMs = Infinity;
  }
}
