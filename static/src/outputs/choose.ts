// Which renderer shows an output: of a MIME bundle, the richest type there is a renderer for.
// To add a renderer: a module beside this one, and its type in `forDisplay`.

import type { DisplayOutput, Output } from "../protocol/types";
import { TABLE_TYPE } from "../table/content";
import { ErrorRenderer } from "./error";
import { FRAME_TYPES, FrameRenderer } from "./frame";
import { IMAGE_TYPES, ImageRenderer } from "./image";
import { PlainTextRenderer } from "./plain_text";
import type { Renderer } from "./renderer";
import { StreamRenderer } from "./stream";
import { TableRenderer } from "./table";

const TEXT_TYPES = ["text/markdown", "text/latex", "text/plain"];

export function rendererFor(output: Output): Renderer {
  switch (output.output_type) {
    case "stream":
      return new StreamRenderer(output);
    case "error":
      return new ErrorRenderer(output);
    default:
      return forDisplay(output);
  }
}

function forDisplay(output: DisplayOutput): Renderer {
  const has = (type: string): boolean => typeof output.data[type] === "string";
  if (TABLE_TYPE in output.data) return new TableRenderer(output);
  const image = IMAGE_TYPES.find(has);
  if (image) return new ImageRenderer(output, image);
  const frame = FRAME_TYPES.find(has);
  if (frame) return new FrameRenderer(output, frame);
  const text = TEXT_TYPES.find(has);
  if (text) return new PlainTextRenderer(String(output.data[text]));
  return new PlainTextRenderer(fallback(output));
}

/** JSON and unknown types as readable text. */
function fallback({ data }: DisplayOutput): string {
  const [type, content] = Object.entries(data)[0] ?? [];
  if (type === undefined) return "";
  return typeof content === "string" ? content : JSON.stringify(content, null, 2);
}
