// What shows which MIME type inside the sandboxed frame. Heavy ones are loaded on first use.

import { showHtml } from "./html";
import { showJavascript } from "./javascript";
import { showScript } from "./script";
import type { Show } from "./show";

export interface Shower {
  readonly types: RegExp;
  load(): Show | Promise<Show>;
  /** It is drawn again in the colours of another theme; scripts of the output's own must not run twice. */
  readonly followsScheme?: true;
}

const SHOWERS: readonly Shower[] = [
  { types: /^text\/html$/, load: () => showHtml },
  { types: /^application\/javascript$/, load: () => showScript },
  { types: /tandem\.javascript/, load: () => showJavascript },
  { types: /plotly/, load: async () => (await import("./plotly")).showPlotly, followsScheme: true },
  { types: /vega/, load: async () => (await import("./vega")).showVega, followsScheme: true },
  { types: /mermaid/, load: async () => (await import("./mermaid")).showMermaid, followsScheme: true },
  { types: /bokehjs_exec/, load: async () => (await import("./bokeh")).showBokeh },
  { types: /jupyter\.widget-view/, load: async () => (await import("./widget")).showWidget },
];

export function showerOf(type: string): Shower | undefined {
  return SHOWERS.find(({ types }) => types.test(type));
}
