// What nothing else here can show: as text, or, of a file, a link to it. Base64 is no text that tells anybody anything.

import type { DisplayOutput } from "../protocol/types";
import { isReference } from "./binary";
import { PlainTextRenderer } from "./plain_text";
import type { Fail, Renderer } from "./renderer";
import type { OutputServices } from "./services";

const BINARY = /^(?:image\/(?!svg)|audio\/|video\/|application\/pdf)/;

export class FileRenderer implements Renderer {
  readonly element: HTMLElement;

  constructor(output: DisplayOutput, type: string, _fail: Fail, services: OutputServices) {
    const content = output.data[type];
    this.element = document.createElement("div");
    this.element.className = "output-text";
    if (!isReference(content)) {
      if (BINARY.test(type)) throw new Error(`It is no valid ${type}.`);
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
