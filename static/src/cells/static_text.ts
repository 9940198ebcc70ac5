// The text of a cell while no editor is open on it: plain, or coloured as an editor would colour it.

import { highlightedText } from "../editor/highlighted_text";
import type { Grammar } from "../editor/languages";

export class StaticText {
  #element: HTMLElement;
  #text: string | null = null;
  #isColoured = false;

  /** In place of the editor that was in `parent`. */
  static within(parent: HTMLElement): StaticText {
    const element = document.createElement("pre");
    element.className = "cell-source";
    element.dataset["part"] = "source";
    parent.replaceChildren(element);
    return new StaticText(element);
  }

  /** Takes over what the server rendered. */
  constructor(element: HTMLElement) {
    this.#element = element;
  }

  get isColoured(): boolean {
    return this.#isColoured;
  }

  /** Another text is plain at first. */
  show(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#showPlain();
  }

  colour(grammar: Grammar): void {
    if (this.#text === null || this.#isColoured) return;
    this.#element.replaceChildren(highlightedText(this.#text, grammar));
    this.#isColoured = true;
  }

  fade(): void {
    if (this.#isColoured) this.#showPlain();
  }

  // Private

  #showPlain(): void {
    this.#element.textContent = this.#text;
    this.#isColoured = false;
  }
}
