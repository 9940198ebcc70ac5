// About how high a cell will be that is not drawn yet. The closer this is, the less the scrollbar moves; what is in view
// never does. Pure.

import type { Cell, Output } from "../protocol/types";
import { displayOf } from "./display";

const LINE_PX = 21;
const PROSE_LINE_PX = 26;
/** What is around a text, and around an output. */
const AROUND_PX = 40;
const FRAME_PX = 300;
/** Streams and sheets scroll in a box, and long outputs too. */
const MOST_PX = 1600;
const STREAM_PX = 416;
const SHEET_PX = 490;
/** What is folded away is a line that says so. */
const FOLDED_PX = 30;
const SCROLLED_PX = 448;

export function expectedHeight({ kind, source, outputs, metadata }: Cell): number {
  const display = displayOf(metadata);
  const line = kind === "markdown" ? PROSE_LINE_PX : LINE_PX;
  const lines = linesOf(source) * line;
  const text = display.is_source_hidden ? FOLDED_PX : kind === "sheet" ? Math.min(lines, SHEET_PX) : lines;
  const below = outputs.reduce((sum, output) => sum + outputHeight(output), 0);
  const most = display.are_outputs_hidden ? FOLDED_PX : display.is_scrolled ? SCROLLED_PX : MOST_PX;
  return text + AROUND_PX + Math.min(below, most);
}

function outputHeight(output: Output): number {
  if (output.output_type === "stream") return Math.min(linesOf(output.text) * LINE_PX, STREAM_PX) + AROUND_PX;
  if (output.output_type === "error") return linesOf(output.traceback.join("\n")) * LINE_PX + AROUND_PX;
  const types = Object.keys(output.data ?? {});
  if (types.every((type) => type === "text/plain")) return linesOf(String(output.data["text/plain"] ?? "")) * LINE_PX;
  return FRAME_PX;
}

function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
