// application/vnd.bokehjs_exec.v0+json: bokeh's script for one plot. The place it draws in is an output of its own, so
// in another frame; here it gets a new one.

import { scriptOf } from "./script";
import type { Show } from "./show";

declare global {
  interface Window {
    Bokeh?: unknown;
  }
}

// `"roots":{model: element id}`, as the script names the places it draws in.
const ROOTS = /"roots":(\{[^{}]*\})/g;

export const showBokeh: Show = async (root, { content }) => {
  const script = String(content);
  await loadBokeh();
  const places = [...script.matchAll(ROOTS)].flatMap(([, roots = "{}"]) => Object.values(JSON.parse(roots)));
  root.replaceChildren(...places.map((id) => placeOf(String(id))), scriptOf(script));
};

/** Its scripts are where the frame's page says. */
export async function loadBokeh(): Promise<void> {
  for (const url of (document.body.dataset["bokeh"] ?? "").split(" ")) {
    if (!document.querySelector(`head script[src="${url}"]`)) await load(url);
  }
  if (!window.Bokeh) throw new Error("Bokeh could not be loaded.");
}

function placeOf(id: string): HTMLElement {
  const place = document.createElement("div");
  place.id = id;
  return place;
}

function load(url: string): Promise<void> {
  const script = document.createElement("script");
  script.src = url;
  return new Promise((resolve, reject) => {
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${url} could not be loaded.`));
    document.head.append(script);
  });
}
