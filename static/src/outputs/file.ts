// A file of a kind that nothing here can show: a link to it.

import type { DisplayOutput } from "../protocol/types";
import { isReference } from "./binary";
import { PlainTextRenderer } from "./plain_text";
import type { Fail, Renderer } from "./renderer";
import type { OutputServices } from "./services";

export class FileRenderer implements Renderer {
  readonly element: HTMLElement;

  constructor(output: DisplayOutput, type: string, _fail: Fail, services: OutputServices) {
    const content = output.data[type];
    this.element = document.createElement("div");
    this.element.className = "output-text";
    if (!isReference(content)) {
      this.element.append(new PlainTextRenderer(output, type).element);
      return;
    }
    const link = document.createElement("a");
    link.href = services.fileAddress(content);
    link.download = "";
    link.textContent = `Download ${type} (${Math.ceil(content.size_bytes / 1024).toLocaleString("en")} KiB)`;
    this.element.append(link);
  }

  update(): boolean {
    return false;
  }
}
