// Images, as <img> with a data URI: so an SVG is inert, its scripts do not run and it loads nothing.

import type { DisplayOutput, MimeBundle, Output } from "../protocol/types";
import type { Renderer } from "./renderer";

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/svg+xml", "image/gif", "image/webp"] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

export class ImageRenderer implements Renderer {
  readonly element: HTMLElement;
  #type: ImageType;
  #image = document.createElement("img");

  constructor(output: DisplayOutput, type: ImageType) {
    this.#type = type;
    this.element = document.createElement("div");
    this.element.className = "output-image";
    this.element.append(this.#image);
    this.#show(output);
  }

  update(output: Output): boolean {
    if (output.output_type !== "display_data" && output.output_type !== "execute_result") return false;
    if (typeof output.data[this.#type] !== "string") return false;
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
    setLength(this.#image, "width", details["width"]);
    setLength(this.#image, "height", details["height"]);
    this.element.dataset["background"] = String(details["needs_background"] ?? metadata["needs_background"] ?? "");
  }
}

function dataUri(type: ImageType, content: string): string {
  if (type === "image/svg+xml") return `data:${type};charset=utf-8,${encodeURIComponent(content)}`;
  return `data:${type};base64,${content.replace(/\s/g, "")}`;
}

function setLength(image: HTMLImageElement, name: "width" | "height", value: unknown): void {
  if (typeof value === "number" && value > 0) image[name] = value;
  else image.removeAttribute(name);
}
