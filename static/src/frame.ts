// Runs in the sandboxed frame of an output (/frames/output/), which has no origin: it shows what the page sends
// and reports how high it is.

import type { FrameMessage, ShowMessage } from "./outputs/frame_messages";

const root = document.body;
let shown = "";

function tell(message: FrameMessage): void {
  parent.postMessage(message, "*");
}

window.addEventListener("message", (event: MessageEvent<ShowMessage>) => {
  if (event.source !== parent || event.data.type !== "show") return;
  document.documentElement.dataset["scheme"] = event.data.scheme;
  // A change of the theme alone must not run the scripts again.
  if (event.data.content === shown) return;
  shown = String(event.data.content);
  if (event.data.mime_type === "text/html") showHtml(shown);
  else runScript(shown);
});

function showHtml(html: string): void {
  root.innerHTML = html;
  // Scripts put in as text are dead; copies of them run, in document order.
  for (const script of root.querySelectorAll("script")) script.replaceWith(liveCopy(script));
}

function liveCopy(script: HTMLScriptElement): HTMLScriptElement {
  const copy = document.createElement("script");
  for (const { name, value } of script.attributes) copy.setAttribute(name, value);
  copy.textContent = script.textContent;
  copy.async = false;
  return copy;
}

/** As in Jupyter, the script finds the place for its output in `element`. */
function runScript(code: string): void {
  const element = document.createElement("div");
  element.id = "element";
  const script = document.createElement("script");
  script.textContent = `{ const element = document.getElementById("element");\n${code}\n}`;
  root.replaceChildren(element, script);
}

new ResizeObserver(() => {
  tell({ type: "height", height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
}).observe(document.documentElement);
tell({ type: "ready" });
