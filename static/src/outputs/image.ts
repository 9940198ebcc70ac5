// Images, as <img> with a data URI: so an SVG is inert, its scripts do not run and it loads nothing.

import type { DisplayOutput, MimeBundle, Output } from "../protocol/types";
import { type Fail, isDisplay, type Renderer } from "./renderer";

const SVG = "image/svg+xml";
export const IMAGE_TYPES = [SVG, "image/png", "image/webp", "image/jpeg", "image/gif"];

export class ImageRenderer implements Renderer {
  readonly element: HTMLElement;
  #type: string;
  #image = document.createElement("img");

  constructor(output: DisplayOutput, type: string, fail: Fail) {
    this.#type = type;
    this.element = document.createElement("div");
    this.element.className = "output-image";
    this.element.append(this.#image);
    this.#image.addEventListener("error", () => fail(`It is no valid ${type}.`));
    this.#show(output);
  }

  update(output: Output): boolean {
    if (!isDisplay(output) || typeof output.data[this.#type] !== "string") return false;
    this.#show(output);
    return true;
  }

  // Private

  #show({ data, metadata }: DisplayOutput): void {
    const uri = dataUri(this.#type, String(data[this.#type]));
    if (this.#image.src !== uri) this.#image.src = uri;
    const text = data["text/plain"];
    this.#image.alt = typeof text === "string" ? text : "Image the cell put out";
    const details = (metadata[this.#type] ?? {}) as MimeBundle;
    const size = "width" in details || "height" in details ? details : pngSize(String(data[this.#type]));
    setLength(this.#image, "width", size["width"]);
    setLength(this.#image, "height", size["height"]);
    this.element.dataset["background"] = String(details["needs_background"] ?? metadata["needs_background"] ?? "");
  }
}

/** What the header of a PNG says, so that its room is there before it is decoded; nothing of other images. */
function pngSize(content: string): MimeBundle {
  const HEADER = "iVBORw0KGgo";
  if (!content.startsWith(HEADER)) return {};
  const bytes = atob(content.slice(0, 32));
  const at = (index: number): number => [0, 1, 2, 3].reduce((sum, byte) => sum * 256 + bytes.charCodeAt(index + byte), 0);
  return { width: at(16), height: at(20) };
}

function dataUri(type: string, content: string): string {
  if (type === SVG) return `data:${type};charset=utf-8,${encodeURIComponent(content)}`;
  return `data:${type};base64,${content.replace(/\s/g, "")}`;
}

function setLength(image: HTMLImageElement, name: "width" | "height", value: unknown): void {
  if (typeof value === "number" && value > 0) image[name] = value;
  else image.removeAttribute(name);
}
