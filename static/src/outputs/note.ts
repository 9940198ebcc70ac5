// In place of what cannot be shown: which sort it is of, so that nothing is missing without a word.

import type { Renderer } from "./renderer";

export class NoteRenderer implements Renderer {
  readonly element = document.createElement("div");

  constructor(sort: string) {
    this.element.className = "output-text output-note";
    this.element.textContent = `An output of the type ${sort} cannot be shown here.`;
  }

  update(): boolean {
    return false;
  }
}
