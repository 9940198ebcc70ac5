// The room of a cell's outputs while it runs again: they go when it starts, and most often as much comes again. Until it
// has come, what is below stays where it is.

// A frame is drawn a moment after its output has come.
const SETTLED_MS = 1000;

export class HeldHeight {
  #element: HTMLElement;
  #height = 0;
  #isHeld = false;
  #release: ReturnType<typeof setTimeout> | undefined;
  // Told by the browser, because to ask it would lay the page out again for each cell of a run.
  #observer = new ResizeObserver(([entry]) => {
    if (!this.#isHeld) this.#height = entry?.borderBoxSize[0]?.blockSize ?? 0;
  });

  constructor(element: HTMLElement) {
    this.#element = element;
    this.#observer.observe(element);
  }

  stop(): void {
    this.#observer.disconnect();
    clearTimeout(this.#release);
  }

  show(isRunning: boolean): void {
    if (isRunning) this.#hold();
    else if (this.#isHeld) this.#release ??= setTimeout(() => this.#letGo(), SETTLED_MS);
  }

  // Private

  #hold(): void {
    clearTimeout(this.#release);
    this.#release = undefined;
    if (this.#isHeld || this.#height === 0) return;
    this.#isHeld = true;
    this.#element.style.minHeight = `${this.#height}px`;
    this.#element.toggleAttribute("data-held", true);
  }

  #letGo(): void {
    this.#release = undefined;
    this.#isHeld = false;
    this.#element.style.minHeight = "";
    this.#element.removeAttribute("data-held");
  }
}
