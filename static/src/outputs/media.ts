// Sound and video, played by the browser.

import type { DisplayOutput } from "../protocol/types";
import { blobUrl } from "./binary";
import type { Fail, Renderer } from "./renderer";
import type { OutputServices } from "./services";

export class MediaRenderer implements Renderer {
  readonly element = document.createElement("div");
  #url = "";
  #isGone = false;

  constructor({ data }: DisplayOutput, type: string, fail: Fail, services: OutputServices) {
    const player = document.createElement(type.startsWith("audio/") ? "audio" : "video");
    player.controls = true;
    player.preload = "metadata";
    player.addEventListener("error", () => fail(`The browser cannot play this ${type}.`));
    this.element.className = "output-media";
    this.element.append(player);
    blobUrl(data[type], type, services).then((url) => this.#play(player, url), fail);
  }

  update(): boolean {
    return false;
  }

  dispose(): void {
    this.#isGone = true;
    URL.revokeObjectURL(this.#url);
  }

  // Private

  #play(player: HTMLMediaElement, url: string): void {
    this.#url = url;
    if (this.#isGone) this.dispose();
    else player.src = url;
  }
}
