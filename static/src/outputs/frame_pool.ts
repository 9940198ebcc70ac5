// Which frames of outputs live. Each is a page of its own and takes some megabytes, so of those that are far from view only
// the ones that were seen last stay. The others give theirs back, and get a new one when they are near again.

/** Besides those that are near or in use. */
export const MOST_LIVING = 12;

export interface PooledFrame {
  /** Released, it would come back without what somebody did in it. */
  readonly isInUse: boolean;
  release(): void;
  restore(): void;
}

export class FramePool {
  #most: number;
  /** The ones that live, the least recently seen first. */
  #living = new Set<PooledFrame>();
  #near = new Set<PooledFrame>();
  #released = new Set<PooledFrame>();
  #isHeld = false;

  constructor(most = MOST_LIVING) {
    this.#most = most;
  }

  /** It lives, and is near until it is said to be far. */
  add(frame: PooledFrame): void {
    this.#living.add(frame);
    this.#near.add(frame);
  }

  remove(frame: PooledFrame): void {
    for (const frames of [this.#living, this.#near, this.#released]) frames.delete(frame);
  }

  comesNear(frame: PooledFrame): void {
    if (!this.#has(frame)) return;
    this.#near.add(frame);
    this.#revive(frame);
  }

  goesFar(frame: PooledFrame): void {
    if (!this.#near.delete(frame)) return;
    // It was seen until now.
    if (this.#living.delete(frame)) this.#living.add(frame);
    this.#releaseOldest();
  }

  /** All live until `letGo`, wherever they are. */
  hold(): void {
    this.#isHeld = true;
    for (const frame of [...this.#released]) this.#revive(frame);
  }

  letGo(): void {
    this.#isHeld = false;
    this.#releaseOldest();
  }

  // Private

  #has(frame: PooledFrame): boolean {
    return this.#living.has(frame) || this.#released.has(frame);
  }

  #revive(frame: PooledFrame): void {
    if (!this.#released.delete(frame)) return;
    this.#living.add(frame);
    frame.restore();
  }

  #releaseOldest(): void {
    if (this.#isHeld) return;
    const idle = [...this.#living].filter((frame) => !this.#near.has(frame) && !frame.isInUse);
    for (const frame of idle.slice(0, Math.max(idle.length - this.#most, 0))) {
      this.#living.delete(frame);
      this.#released.add(frame);
      frame.release();
    }
  }
}
