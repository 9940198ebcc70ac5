// Images, as <img> with a data URI or the address of their file: so an SVG is inert, its scripts do not run and it loads nothing.

import type { DisplayOutput, MimeBundle, Output } from "../protocol/types";
import { isReference } from "./binary";
import { type Fail, isDisplay, type Renderer } from "./renderer";
import type { OutputServices } from "./services";

const SVG = "image/svg+xml";
export const IMAGE_TYPES = [SVG, "image/png", "image/webp", "image/jpeg", "image/gif", "image/bmp"];

export class ImageRenderer implements Renderer {
  readonly element: HTMLElement;
  #type: string;
  #services: OutputServices;
  #image = document.createElement("img");

  constructor(output: DisplayOutput, type: string, fail: Fail, services: OutputServices) {
    this.#type = type;
    this.#services = services;
    this.element = document.createElement("div");
    this.element.className = "output-image";
    this.element.append(this.#image);
    this.#image.addEventListener("error", () => fail(`It is no valid ${type}.`));
    this.#show(output);
  }

  update(output: Output): boolean {
    if (!isDisplay(output) || output.data[this.#type] === undefined) return false;
    this.#show(output);
    return true;
  }

  // Private

  #show({ data, metadata }: DisplayOutput): void {
    const content = data[this.#type];
    const address = isReference(content) ? this.#services.fileAddress(content) : dataUri(this.#type, String(content));
    if (this.#image.getAttribute("src") !== address) this.#image.src = address;
    const text = data["text/plain"];
    this.#image.alt = typeof text === "string" ? text : "Image the cell put out";
    const details = (metadata[this.#type] ?? {}) as MimeBundle;
    const size = "width" in details || "height" in details ? details : sizeOf(content);
    setLength(this.#image, "width", size["width"]);
    setLength(this.#image, "height", size["height"]);
    this.element.dataset["background"] = String(details["needs_background"] ?? metadata["needs_background"] ?? "");
  }
}

function sizeOf(content: unknown): MimeBundle {
  return isReference(content) ? { width: content.width, height: content.height } : pngSize(String(content));
}

/** What the header of a PNG says, so that its room is there before it is decoded; nothing of other images. */
function pngSize(content: string): MimeBundle {
  const HEADER = "iVBORw0KGgo";
  if (!content.startsWith(HEADER)) return {};
  const bytes = atob(content.slice(0, 32));
  const at = (index: number): number => [0, 1, 2, 3].reduce((sum, byte) => sum * 256 + bytes.charCodeAt(index + byte), 0);
  return { width: at(16), height: at(20) };
}

/** Throws if it is no base64: the browser would say so only later, and of nothing it says nothing. */
function dataUri(type: string, content: string): string {
  if (type === SVG) return `data:${type};charset=utf-8,${encodeURIComponent(content)}`;
  if (!/^[\w+/=\s]+$/.test(content)) throw new Error(`${type} must be base64 text.`);
  return `data:${type};base64,${content.replace(/\s/g, "")}`;
}

function setLength(image: HTMLImageElement, name: "width" | "height", value: unknown): void {
  if (typeof value === "number" && value > 0) image[name] = value;
  else image.removeAttribute(name);
}
