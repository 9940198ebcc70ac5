// text/plain, and every type without a renderer of its own, as text.

import type { DisplayOutput } from "../protocol/types";
import type { Renderer } from "./renderer";
import { textElement } from "./text_view";

export class PlainTextRenderer implements Renderer {
  readonly element: HTMLElement;

  constructor({ data }: DisplayOutput, type: string) {
    const content = data[type];
    this.element = textElement(typeof content === "string" ? content : JSON.stringify(content, null, 2));
    this.element.classList.add("output-text");
  }

  update(): boolean {
    return false;
  }
}
