// <tandem-ago>: how long ago something was, which goes on while one looks at it; the exact time when pointed at.

import { exactTime, relativeTime } from "./times";

const TICK_MS = 30_000;

export class Ago extends HTMLElement {
  #then: Date | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  // Lifecycle

  connectedCallback(): void {
    this.#timer = setInterval(() => this.#write(), TICK_MS);
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  // Actions

  show(time: string): void {
    this.#then = new Date(time);
    this.title = exactTime(this.#then);
    this.#write();
  }

  // Private

  #write(): void {
    if (this.#then) this.textContent = relativeTime(this.#then, new Date());
  }
}

customElements.define("tandem-ago", Ago);
