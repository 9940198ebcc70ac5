// Which renderer shows an output: of a MIME bundle, the richest type there is a renderer for.
// To add a renderer: a module beside this one that exports a `MakeRenderer`, and its place in `RANKED`. With `load` it
// is fetched on first use; what every notebook needs is here at once, with `make`.

import type { MimeBundle, Output } from "../protocol/types";
import { TABLE_TYPE } from "../table/content";
import { VIEW_TYPE } from "../widgets/messages";
import { AS_OF_TYPE, AsOfRenderer } from "./as_of";
import { Display } from "./display";
import { ErrorRenderer } from "./error";
import { FileRenderer } from "./file";
import { JAVASCRIPT_TYPE } from "./frame_messages";
import { IMAGE_TYPES, ImageRenderer } from "./image";
import { NoteRenderer } from "./note";
import { NothingRenderer } from "./nothing";
import { PlainTextRenderer } from "./plain_text";
import type { MakeRenderer, Renderer } from "./renderer";
import type { OutputServices } from "./services";
import { StreamRenderer } from "./stream";
import { TableRenderer } from "./table";

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

const VEGA = /^application\/vnd\.vega(?:lite)?\.v\d+(?:\.\d+)*[+.]json$/;
const framed: MakeRenderer = (output, type, fail, services) => services.framed(output, type, fail);

/** The richest first. */
const RANKED: readonly RendererKind[] = [
  { types: [TABLE_TYPE], make: makerOf(TableRenderer) },
  { types: [AS_OF_TYPE], make: makerOf(AsOfRenderer) },
  { types: [VIEW_TYPE], load: async () => makerOf((await import("./widget")).WidgetRenderer) },
  { types: [JAVASCRIPT_TYPE, "application/vnd.plotly.v1+json", VEGA], make: framed },
  // The MIME type says what to do with the script beside it.
  {
    types: ["application/vnd.bokehjs_exec.v0+json"],
    make: (output, type, fail, services) => services.framed(output, type, fail, "application/javascript"),
  },
  { types: ["application/vnd.bokehjs_load.v0+json"], make: () => new NothingRenderer() },
  { types: ["text/vnd.mermaid", "text/html"], make: framed },
  { types: ["text/markdown"], load: async () => makerOf((await import("./markdown")).MarkdownRenderer) },
  { types: ["text/latex"], load: async () => makerOf((await import("./latex")).LatexRenderer) },
  { types: IMAGE_TYPES, make: makerOf(ImageRenderer) },
  { types: [/^audio\//, /^video\//], load: async () => makerOf((await import("./media")).MediaRenderer) },
  { types: ["application/pdf"], load: async () => makerOf((await import("./pdf")).PdfRenderer) },
  { types: ["application/javascript"], make: framed },
  { types: ["application/json", "application/geo+json"], load: json },
  { types: ["text/plain"], make: makerOf(PlainTextRenderer) },
  // What nobody knows still has a form.
  { types: [/[+.]json$/], load: json },
  { types: [/^/], make: makerOf(FileRenderer) },
];

export function rendererFor(output: Output, services: OutputServices): Renderer {
  switch (output.output_type) {
    case "stream":
      return new StreamRenderer(output);
    case "error":
      return new ErrorRenderer(output, services);
    case "display_data":
    case "execute_result":
      return new Display(output, services, candidatesFor);
    default:
      // Of a file that is newer than this program.
      return new NoteRenderer((output as Output).output_type);
  }
}

/** The ways to show a bundle, the best first. */
export function candidatesFor(data: MimeBundle): Candidate[] {
  const types = Object.keys(data);
  return RANKED.flatMap((kind) =>
    kind.types.flatMap((wanted) => types.filter((type) => matches(wanted, type)).map((type) => ({ type, kind }))),
  );
}

function matches(wanted: string | RegExp, type: string): boolean {
  return typeof wanted === "string" ? wanted === type : wanted.test(type);
}

function makerOf(Kind: new (...given: Parameters<MakeRenderer>) => Renderer): MakeRenderer {
  return (...given) => new Kind(...given);
}

async function json(): Promise<MakeRenderer> {
  return makerOf((await import("./json")).JsonRenderer);
}
