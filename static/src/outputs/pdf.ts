// application/pdf in the browser's own viewer, with a link to keep it; where there is no viewer, the link is all.

import { find, fromTemplate } from "../dom";
import type { DisplayOutput } from "../protocol/types";
import { blobUrl } from "./binary";
import type { Renderer } from "./renderer";

const TYPE = "application/pdf";

export class PdfRenderer implements Renderer {
  readonly element = fromTemplate("template-output-pdf");
  #url: string;

  constructor({ data }: DisplayOutput) {
    this.#url = blobUrl(data[TYPE], TYPE);
    find<HTMLAnchorElement>(this.element, "a").href = this.#url;
    const viewer = find<HTMLIFrameElement>(this.element, "iframe");
    if (navigator.pdfViewerEnabled) viewer.src = this.#url;
    else viewer.remove();
  }

  update(): boolean {
    return false;
  }

  dispose(): void {
    URL.revokeObjectURL(this.#url);
  }
}
