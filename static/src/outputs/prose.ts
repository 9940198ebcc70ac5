// Markdown that the server rendered: its formulas are typeset, and its Mermaid blocks become diagrams. What cannot be
// shown stays the text that it is.

import { typeset } from "./formulas";
import { inFrame } from "./frame";
import type { Renderer } from "./renderer";
import type { MakeFramed } from "./services";

const FORMULAS = "code.language-math, code.language-math-display";
const DIAGRAMS = "pre > code.language-mermaid";
const MERMAID = "text/vnd.mermaid";

export class Prose {
  #element: HTMLElement;
  #framed: MakeFramed;
  #diagrams: Renderer[] = [];
  #turn = 0;

  constructor(element: HTMLElement, framed: MakeFramed = inFrame) {
    this.#element = element;
    this.#framed = framed;
  }

  /** Put `html` in place of what is there, all at once. */
  async show(html: string): Promise<void> {
    const turn = ++this.#turn;
    const template = document.createElement("template");
    template.innerHTML = html;
    await typesetIn(template.content);
    if (turn !== this.#turn) return;
    this.dispose();
    this.#element.replaceChildren(template.content);
    this.#drawDiagrams();
  }

  /** Typeset and draw what the page came with. */
  async enrich(): Promise<void> {
    if (!this.#element.querySelector(`${FORMULAS}, ${DIAGRAMS}`)) return;
    await typesetIn(this.#element);
    this.#drawDiagrams();
  }

  dispose(): void {
    this.#turn++;
    for (const diagram of this.#diagrams.splice(0)) diagram.dispose?.();
  }

  // Private

  #drawDiagrams(): void {
    for (const code of this.#element.querySelectorAll(DIAGRAMS)) {
      const text = code.parentElement as HTMLElement;
      const data = { [MERMAID]: code.textContent };
      const diagram = this.#framed({ output_type: "display_data", data, metadata: {} }, MERMAID, () =>
        diagram.element.replaceWith(text),
      );
      this.#diagrams.push(diagram);
      text.replaceWith(diagram.element);
    }
  }
}

async function typesetIn(root: ParentNode): Promise<void> {
  for (const code of root.querySelectorAll(FORMULAS)) {
    const isDisplay = code.parentElement?.tagName === "PRE" || code.classList.contains("language-math-display");
    const place = document.createElement("span");
    try {
      await typeset(code.textContent, place, isDisplay);
    } catch {
      // It is no LaTeX, or KaTeX could not be loaded.
      continue;
    }
    (code.parentElement?.tagName === "PRE" ? code.parentElement : code).replaceWith(place);
  }
}
