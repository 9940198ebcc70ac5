// What a Markdown cell says: HTML rendered and sanitised by the server, for the text it was rendered from.

import type { Cell } from "../protocol/types";
import { Prose } from "../outputs/prose";

// While others type, the preview follows at this pace.
const PACE_MS = 300;

/** Until it is rendered, its text says what it says; `source` takes the place of nothing, not of what was rendered. */
export function showPlain(element: HTMLElement, source: string): void {
  if (element.dataset["plain"] === undefined && element.hasChildNodes()) return;
  element.dataset["plain"] = "";
  if (element.textContent !== source) element.textContent = source;
}

export class MarkdownPreview {
  #element: HTMLElement;
  #prose: Prose;
  #render: (source: string) => Promise<string>;
  /** What the element shows; null if the server rendered nothing yet. */
  #shown: string | null;
  #wanted: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The page came with a rendering of some version of the cell, if `element` says so. */
  constructor(element: HTMLElement, { source, version }: Cell, render: (source: string) => Promise<string>) {
    this.#element = element;
    this.#prose = new Prose(element);
    this.#render = render;
    this.#wanted = source;
    this.#shown = element.dataset["rendered"] === String(version) ? source : null;
    void this.#prose.enrich();
  }

  show(source: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted = source;
    if (source !== this.#shown) void this.#update();
  }

  showLater(source: string): void {
    this.#wanted = source;
    if (source === this.#shown || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.show(this.#wanted), PACE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#prose.dispose();
  }

  // Private

  async #update(): Promise<void> {
    const source = this.#wanted;
    try {
      const html = await this.#render(source);
      if (source !== this.#wanted) return;
      await this.#prose.show(html);
      delete this.#element.dataset["plain"];
      this.#shown = source;
    } catch {
      // Without a connection the text itself says what it says; it is rendered after the next change.
      this.#prose.dispose();
      this.#element.replaceChildren();
      showPlain(this.#element, source);
      this.#shown = null;
    }
  }
}
