// text/latex: text with formulas between dollars, as sympy and IPython's Math put it out.

import type { DisplayOutput } from "../protocol/types";
import { typesetText } from "./formulas";
import type { Fail, Renderer } from "./renderer";

export class LatexRenderer implements Renderer {
  readonly element = document.createElement("div");

  constructor({ data }: DisplayOutput, type: string, fail: Fail) {
    this.element.className = "output-latex";
    this.element.textContent = String(data[type]);
    typesetText(this.element).catch(fail);
  }

  update(): boolean {
    return false;
  }
}
