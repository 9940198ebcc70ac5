// Sound and video, played by the browser.

import type { DisplayOutput } from "../protocol/types";
import { blobUrl } from "./binary";
import type { Fail, Renderer } from "./renderer";

export class MediaRenderer implements Renderer {
  readonly element = document.createElement("div");
  #url: string;

  constructor({ data }: DisplayOutput, type: string, fail: Fail) {
    this.#url = blobUrl(data[type], type);
    const player = document.createElement(type.startsWith("audio/") ? "audio" : "video");
    player.controls = true;
    player.preload = "metadata";
    player.src = this.#url;
    player.addEventListener("error", () => fail(`The browser cannot play this ${type}.`));
    this.element.className = "output-media";
    this.element.append(player);
  }

  update(): boolean {
    return false;
  }

  dispose(): void {
    URL.revokeObjectURL(this.#url);
  }
}
