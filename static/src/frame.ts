// Runs in the sandboxed frame of an output (/frames/output/), which has no origin: it shows what the page sends,
// and reports how high it is, that it cannot, or what somebody does in it.

import type { FrameMessage, ShowMessage } from "./outputs/frame_messages";
import { tellOfLinks } from "./outputs/framed/links";
import { showerOf } from "./outputs/framed/showers";
import { tellOfUse } from "./outputs/framed/use";

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
  const shower = showerOf(message.mime_type);
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

tellOfLinks((address) => tell({ type: "link", address }));
tellOfUse(() => tell({ type: "used" }));
new ResizeObserver(tellHeight).observe(document.documentElement);
tell({ type: "ready" });
