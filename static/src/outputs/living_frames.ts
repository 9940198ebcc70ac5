// Which frames of outputs live: each is a page of its own and takes some megabytes.

import { RecentlySeen, type Releasable } from "./recently_seen";

// As far ahead as cells get ready, so that a frame is drawn when it comes into view.
const NEAR = "800px";
// Besides those that are near or in use.
const MOST_LIVING = 12;
// In windows a frame. Nobody sees what flies by faster, and making frames would hold the page up.
const FLYING = 0.5;

class LivingFrames {
  #pool = new RecentlySeen(MOST_LIVING);
  #frames = new Map<Element, Releasable>();
  #observer = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: NEAR });
  /** They come near, and are made one in each animation frame. */
  #coming = new Set<Releasable>();
  #animationFrame = 0;
  #top = 0;

  constructor() {
    window.addEventListener("afterprint", () => this.#pool.letGo());
  }

  add(element: Element, frame: Releasable): void {
    this.#frames.set(element, frame);
    this.#pool.add(frame);
    this.#observer.observe(element);
  }

  remove(element: Element): void {
    const frame = this.#frames.get(element);
    if (!frame) return;
    this.#observer.unobserve(element);
    this.#frames.delete(element);
    this.#coming.delete(frame);
    this.#pool.remove(frame);
  }

  /** All are there until the page was printed. */
  holdForPrint(): void {
    this.#pool.hold();
  }

  // Private

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const frame = this.#frames.get(target);
      if (!frame) continue;
      if (isIntersecting) {
        this.#coming.add(frame);
      } else {
        this.#coming.delete(frame);
        this.#pool.goesFar(frame);
      }
    }
    if (this.#coming.size === 0 || this.#animationFrame) return;
    this.#top = window.scrollY;
    this.#animationFrame = requestAnimationFrame(() => this.#makeNext());
  }

  #makeNext(): void {
    const isFlying = Math.abs(window.scrollY - this.#top) > FLYING * window.innerHeight;
    this.#top = window.scrollY;
    const [next] = this.#coming;
    if (next && !isFlying) {
      this.#coming.delete(next);
      this.#pool.comesNear(next);
    }
    this.#animationFrame = this.#coming.size > 0 ? requestAnimationFrame(() => this.#makeNext()) : 0;
  }
}

let frames: LivingFrames | null = null;

/** Made on first use: most notebooks of the tests have no frame, and Node has no browser. */
export function livingFrames(): LivingFrames {
  return (frames ??= new LivingFrames());
}
