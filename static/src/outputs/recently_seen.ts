// Of what takes much memory (`living_frames.ts`), only what was seen last stays of all that is far from view; the others give
// theirs back, and come again when they are near.

export interface Releasable {
  /** It would come back without what somebody did in it. */
  readonly isInUse: boolean;
  release(): void;
  restore(): void;
}

export class RecentlySeen {
  #most: number;
  #near = new Set<Releasable>();
  /** Of those far from view: the ones that are there, the least recently seen first; ... */
  #far = new Set<Releasable>();
  /** ... the ones that stay, because they were in use when it was their turn to go; ... */
  #kept = new Set<Releasable>();
  /** ... and the ones that are not there. */
  #released = new Set<Releasable>();
  #isHeld = false;

  /** `most` stay besides those that are near or in use. */
  constructor(most: number) {
    this.#most = most;
  }

  /** It is there, and near until it is said to be far. */
  add(thing: Releasable): void {
    this.remove(thing);
    this.#near.add(thing);
  }

  remove(thing: Releasable): void {
    for (const things of [this.#near, this.#far, this.#kept, this.#released]) things.delete(thing);
  }

  comesNear(thing: Releasable): void {
    const isReleased = this.#released.has(thing);
    if (!isReleased && !this.#far.has(thing) && !this.#kept.has(thing)) return;
    this.add(thing);
    if (isReleased) thing.restore();
  }

  goesFar(thing: Releasable): void {
    if (!this.#near.delete(thing)) return;
    this.#far.add(thing);
    this.#releaseOldest();
  }

  /** All are there until `letGo`, wherever they are. */
  hold(): void {
    this.#isHeld = true;
    for (const thing of [...this.#released]) {
      this.#released.delete(thing);
      this.#far.add(thing);
      thing.restore();
    }
  }

  letGo(): void {
    this.#isHeld = false;
    this.#releaseOldest();
  }

  // Private

  #releaseOldest(): void {
    if (this.#isHeld) return;
    for (const thing of this.#far) {
      if (this.#far.size <= this.#most) return;
      this.#far.delete(thing);
      if (thing.isInUse) {
        this.#kept.add(thing);
      } else {
        this.#released.add(thing);
        thing.release();
      }
    }
  }
}
