// text/plain, and every text that has no richer renderer yet.

import type { Renderer } from "./renderer";
import { textElement } from "./text_view";

export class PlainTextRenderer implements Renderer {
  readonly element: HTMLElement;

  constructor(text: string) {
    this.element = textElement(text);
    this.element.classList.add("output-text");
  }

  update(): boolean {
    return false;
  }
}
