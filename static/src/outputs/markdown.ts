// text/markdown, rendered and sanitised by the server as Markdown cells are.

import type { DisplayOutput, Output } from "../protocol/types";
import { Prose } from "./prose";
import { type Fail, isDisplay, type Renderer } from "./renderer";
import type { OutputServices } from "./services";

const TYPE = "text/markdown";

export class MarkdownRenderer implements Renderer {
  readonly element = document.createElement("div");
  #prose: Prose;
  #fail: Fail;
  #services: OutputServices;
  #source = "";

  constructor({ data }: DisplayOutput, _: string, fail: Fail, services: OutputServices) {
    this.element.className = "output-markdown prose";
    this.#prose = new Prose(this.element, services.framed);
    this.#fail = fail;
    this.#services = services;
    this.#show(String(data[TYPE]));
  }

  update(output: Output): boolean {
    if (!isDisplay(output) || typeof output.data[TYPE] !== "string") return false;
    this.#show(output.data[TYPE]);
    return true;
  }

  dispose(): void {
    this.#prose.dispose();
  }

  // Private

  #show(source: string): void {
    if (source === this.#source) return;
    this.#source = source;
    this.#render(source).catch(this.#fail);
  }

  async #render(source: string): Promise<void> {
    this.element.ariaBusy = "true";
    const html = await this.#services.renderMarkdown(source);
    if (source !== this.#source) return;
    await this.#prose.show(html);
    this.element.ariaBusy = null;
  }
}
