// application/pdf in the browser's own viewer, with a link to keep it; where there is no viewer, the link is all.

import { find, fromTemplate } from "../dom";
import type { DisplayOutput } from "../protocol/types";
import { blobUrl } from "./binary";
import type { Fail, Renderer } from "./renderer";
import type { OutputServices } from "./services";

export class PdfRenderer implements Renderer {
  readonly element = fromTemplate("template-output-pdf");
  #url = "";
  #isGone = false;

  constructor({ data }: DisplayOutput, type: string, fail: Fail, services: OutputServices) {
    blobUrl(data[type], type, services).then((url) => this.#show(url), fail);
  }

  update(): boolean {
    return false;
  }

  dispose(): void {
    this.#isGone = true;
    URL.revokeObjectURL(this.#url);
  }

  // Private

  #show(url: string): void {
    this.#url = url;
    if (this.#isGone) return this.dispose();
    find<HTMLAnchorElement>(this.element, "a").href = url;
    const viewer = find<HTMLIFrameElement>(this.element, "iframe");
    if (navigator.pdfViewerEnabled) viewer.src = url;
    else viewer.remove();
  }
}
