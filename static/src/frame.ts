// Runs in the sandboxed frame of an output (/frames/output/), which has no origin: it shows what the page sends,
// and reports how high it is or that it cannot.

import type { FrameMessage, ShowMessage } from "./outputs/frame_messages";
import { showHtml } from "./outputs/framed/html";
import { showScript } from "./outputs/framed/script";
import type { Show } from "./outputs/framed/show";

interface Shower {
  readonly types: RegExp;
  load(): Show | Promise<Show>;
  /** It is drawn again in the colours of another theme; scripts of the output's own must not run twice. */
  readonly followsScheme?: true;
}

const SHOWERS: readonly Shower[] = [
  { types: /^text\/html$/, load: () => showHtml },
  { types: /^application\/javascript$/, load: () => showScript },
  { types: /plotly/, load: async () => (await import("./outputs/framed/plotly")).showPlotly, followsScheme: true },
  { types: /vega/, load: async () => (await import("./outputs/framed/vega")).showVega, followsScheme: true },
  { types: /mermaid/, load: async () => (await import("./outputs/framed/mermaid")).showMermaid, followsScheme: true },
  { types: /bokehjs_exec/, load: async () => (await import("./outputs/framed/bokeh")).showBokeh },
];

let wanted: ShowMessage | null = null;
let shown = "";
let isBusy = false;

function tell(message: FrameMessage): void {
  parent.postMessage(message, "*");
}

window.addEventListener("message", (event: MessageEvent<ShowMessage>) => {
  if (event.source !== parent || event.data.type !== "show") return;
  document.documentElement.dataset["scheme"] = event.data.scheme;
  wanted = event.data;
  void showWanted();
});

/** One after the other; of those that come meanwhile only the last counts. */
async function showWanted(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  while (wanted) {
    const message: ShowMessage = wanted;
    wanted = null;
    try {
      await show(message);
    } catch (error) {
      tell({ type: "failed", message: String(error) });
    }
  }
  isBusy = false;
}

async function show(message: ShowMessage): Promise<void> {
  const shower = SHOWERS.find(({ types }) => types.test(message.mime_type));
  if (!shower) throw new Error(`There is no renderer for ${message.mime_type}.`);
  const key = JSON.stringify([message.content, message.metadata, shower.followsScheme && message.scheme]);
  if (key === shown) return;
  const draw = await shower.load();
  await draw(document.body, message);
  shown = key;
  tellHeight();
}

function tellHeight(): void {
  // Before anything is drawn the page keeps the room that it expects to be needed.
  if (shown === "") return;
  tell({ type: "height", height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
}

new ResizeObserver(tellHeight).observe(document.documentElement);
tell({ type: "ready" });
