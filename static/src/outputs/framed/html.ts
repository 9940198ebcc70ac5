// text/html, with the scripts in it.

import { isProvided, provideLibraries } from "./known_libraries";
import type { Show } from "./show";

export const showHtml: Show = async (root, { content }) => {
  const html = String(content);
  await provideLibraries(html);
  root.innerHTML = html;
  settleBanner(root);
  // Scripts put in as text are dead; copies of them run, in document order.
  for (const script of root.querySelectorAll("script")) {
    if (isProvided(script.src)) script.remove();
    else script.replaceWith(liveCopy(script));
  }
};

/** Bokeh's first output waits for its library, which comes with each plot here. */
function settleBanner(root: HTMLElement): void {
  const banner = root.querySelector(".bk-notebook-logo + span");
  if (banner) banner.textContent = "BokehJS is ready.";
}

function liveCopy(script: HTMLScriptElement): HTMLScriptElement {
  const copy = document.createElement("script");
  for (const { name, value } of script.attributes) copy.setAttribute(name, value);
  copy.textContent = script.textContent;
  copy.async = false;
  return copy;
}
