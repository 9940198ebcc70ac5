// What a cell raised: the kernel's coloured traceback, or the name and the message if it gave none.

import type { ErrorOutput } from "../protocol/types";
import type { Renderer } from "./renderer";
import { textElement } from "./text_view";

export class ErrorRenderer implements Renderer {
  readonly element: HTMLElement;

  constructor(output: ErrorOutput) {
    const text = output.traceback.length > 0 ? output.traceback.join("\n") : `${output.ename}: ${output.evalue}`;
    this.element = textElement(text);
    this.element.classList.add("output-error");
  }

  update(): boolean {
    return false;
  }
}
