// stdout and stderr.

import type { Output, StreamOutput } from "../protocol/types";
import type { Renderer } from "./renderer";
import { TextView } from "./text_view";

export class StreamRenderer implements Renderer {
  readonly element: HTMLElement;
  #name: string;
  #view: TextView;

  constructor(output: StreamOutput) {
    this.#name = output.name;
    this.#view = new TextView(output.text);
    this.element = this.#view.element;
    this.element.classList.add("output-stream", `output-${output.name === "stderr" ? "stderr" : "stdout"}`);
    this.element.tabIndex = 0;
    this.element.setAttribute("aria-label", output.name);
  }

  update(output: Output): boolean {
    if (output.output_type !== "stream" || output.name !== this.#name) return false;
    this.#view.update(output.text);
    return true;
  }
}
