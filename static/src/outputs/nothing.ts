// What is there for programs only, as the order to load bokeh: it takes no room.

import { isDisplay, type Renderer } from "./renderer";
import type { Output } from "../protocol/types";

export class NothingRenderer implements Renderer {
  readonly element = document.createElement("div");

  constructor() {
    this.element.hidden = true;
  }

  update(output: Output): boolean {
    return isDisplay(output);
  }
}
