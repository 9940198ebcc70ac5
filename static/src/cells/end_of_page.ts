// Who scrolled to the end of the page stays there while what is there is drawn and gets its true height. Otherwise
// whatever runs there keeps its place: nobody is moved because an output grows.

// After the last cell got ready: a frame or a rendered text comes a moment later.
const SETTLED_MS = 1500;
const CLOSE_PX = 2;

export class EndOfPage {
  #isThere = false;
  #until = 0;

  /** `content` is what grows. */
  constructor(content: Element) {
    window.addEventListener("scroll", () => (this.#isThere = isAtEnd()), { passive: true });
    new ResizeObserver(() => this.#stay()).observe(content);
  }

  /** Something was drawn just now. */
  drawn(): void {
    this.#until = performance.now() + SETTLED_MS;
  }

  // Private

  #stay(): void {
    if (!this.#isThere || performance.now() > this.#until) return;
    window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  }
}

function isAtEnd(): boolean {
  return window.scrollY + window.innerHeight >= document.documentElement.scrollHeight - CLOSE_PX;
}
