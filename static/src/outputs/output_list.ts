// <tandem-outputs>: the outputs of one cell. Set `outputs` to what they are now; what did not change stays in
// the page as it is, so streamed text is appended and a redrawn plot does not flicker.

import type { Output } from "../protocol/types";
import { find, fromTemplate } from "../dom";
import { rendererFor } from "./choose";
import type { Renderer } from "./renderer";
import type { OutputServices } from "./services";

// A loop can display thousands of things; of more than these the page shows the first until asked for all.
const MOST_SHOWN = 500;

export class OutputList extends HTMLElement {
  /** Set before the first outputs. */
  services: OutputServices | null = null;
  #outputs: readonly Output[] = [];
  #renderers: Renderer[] = [];
  #showsAll = false;
  #gap: HTMLElement | null = null;

  get outputs(): readonly Output[] {
    return this.#outputs;
  }

  set outputs(outputs: readonly Output[]) {
    if (outputs === this.#outputs) {
      this.#refresh();
      return;
    }
    const shown = this.#showsAll ? outputs : outputs.slice(0, MOST_SHOWN);
    for (const [index, output] of shown.entries()) {
      if (output !== this.#outputs[index] || index >= this.#renderers.length) this.#show(index, output);
    }
    for (const renderer of this.#renderers.splice(shown.length)) remove(renderer);
    this.#outputs = outputs;
    this.#showGap(outputs.length - shown.length);
  }

  // Private

  #refresh(): void {
    for (const renderer of this.#renderers) renderer.refresh?.();
  }

  #show(index: number, output: Output): void {
    const old = this.#renderers[index];
    if (old?.update(output)) return;
    if (!this.services) throw new Error("The outputs have no services yet.");
    const renderer = rendererFor(output, this.services);
    this.#renderers[index] = renderer;
    if (!old) {
      this.insertBefore(renderer.element, this.#gap);
      return;
    }
    old.element.replaceWith(renderer.element);
    old.dispose?.();
  }

  #showGap(hidden: number): void {
    if (hidden === 0) {
      this.#gap?.remove();
      this.#gap = null;
      return;
    }
    this.#gap ??= this.#makeGap();
    find(this.#gap, "[data-part=count]").textContent = `${hidden.toLocaleString("en")} outputs`;
  }

  #makeGap(): HTMLElement {
    const gap = fromTemplate("template-gap");
    find(gap, "button").addEventListener("click", () => this.#showAll());
    this.append(gap);
    return gap;
  }

  #showAll(): void {
    this.#showsAll = true;
    this.outputs = [...this.#outputs];
  }
}

function remove(renderer: Renderer): void {
  renderer.element.remove();
  renderer.dispose?.();
}

customElements.define("tandem-outputs", OutputList);
