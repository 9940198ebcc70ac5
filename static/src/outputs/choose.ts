// Which renderer shows an output: of a MIME bundle, the richest type there is a renderer for.
// To add a renderer: a module beside this one that exports a `MakeRenderer`, and its place in `RANKED`. With `load` it
// is fetched on first use; what every notebook needs is here at once, with `make`.

import type { MimeBundle, Output } from "../protocol/types";
import { Display } from "./display";
import { ErrorRenderer } from "./error";
import { FrameRenderer } from "./frame";
import { IMAGE_TYPES, ImageRenderer } from "./image";
import { PlainTextRenderer } from "./plain_text";
import type { MakeRenderer, Renderer } from "./renderer";
import { StreamRenderer } from "./stream";

/** A sort of renderer and the MIME types it shows. */
export type RendererKind = { readonly types: readonly (string | RegExp)[] } & (
  | { readonly make: MakeRenderer }
  | { readonly load: () => Promise<MakeRenderer> }
);

/** A way to show an output. */
export interface Candidate {
  readonly type: string;
  readonly kind: RendererKind;
}

/** What brings scripts or styles along. */
const FRAMED = ["text/html", "application/javascript"];

/** The richest first. */
const RANKED: readonly RendererKind[] = [
  { types: FRAMED, make: (...given) => new FrameRenderer(...given) },
  { types: IMAGE_TYPES, make: (...given) => new ImageRenderer(...given) },
  { types: ["text/markdown", "text/latex", "text/plain"], make: (output, type) => new PlainTextRenderer(output, type) },
];
/** Any type at all, as text. */
const ANY: RendererKind = { types: [/^/], make: (output, type) => new PlainTextRenderer(output, type) };

export function rendererFor(output: Output): Renderer {
  switch (output.output_type) {
    case "stream":
      return new StreamRenderer(output);
    case "error":
      return new ErrorRenderer(output);
    default:
      return new Display(output, candidatesFor);
  }
}

/** The ways to show a bundle, the best first. */
export function candidatesFor(data: MimeBundle): Candidate[] {
  const types = Object.keys(data);
  return [...RANKED, ANY].flatMap((kind) =>
    kind.types.flatMap((wanted) => types.filter((type) => matches(wanted, type)).map((type) => ({ type, kind }))),
  );
}

function matches(wanted: string | RegExp, type: string): boolean {
  return typeof wanted === "string" ? wanted === type : wanted.test(type);
}
