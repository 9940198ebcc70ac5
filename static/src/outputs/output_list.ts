// <tandem-outputs>: the outputs of one cell. Set `outputs` to what they are now; what did not change stays in
// the page as it is, so streamed text is appended and a redrawn plot does not flicker.

import type { Output } from "../protocol/types";
import { rendererFor } from "./choose";
import type { Renderer } from "./renderer";

export class OutputList extends HTMLElement {
  #outputs: readonly Output[] = [];
  #renderers: Renderer[] = [];

  get outputs(): readonly Output[] {
    return this.#outputs;
  }

  set outputs(outputs: readonly Output[]) {
    if (outputs === this.#outputs) return;
    for (const [index, output] of outputs.entries()) {
      if (output !== this.#outputs[index]) this.#show(index, output);
    }
    for (const renderer of this.#renderers.splice(outputs.length)) remove(renderer);
    this.#outputs = outputs;
  }

  // Private

  #show(index: number, output: Output): void {
    const old = this.#renderers[index];
    if (old?.update(output)) return;
    const renderer = rendererFor(output);
    this.#renderers[index] = renderer;
    if (!old) {
      this.append(renderer.element);
      return;
    }
    old.element.replaceWith(renderer.element);
    old.dispose?.();
  }
}

function remove(renderer: Renderer): void {
  renderer.element.remove();
  renderer.dispose?.();
}

customElements.define("tandem-outputs", OutputList);
