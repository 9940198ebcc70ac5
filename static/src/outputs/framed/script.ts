// application/javascript. As in Jupyter, the script finds the place for its output in `element`. One that fails at once
// makes way for the next best type.

import type { Show } from "./show";

export const showScript: Show = (root, { content }) => {
  const element = document.createElement("div");
  element.id = "element";
  const script = scriptOf(`{ const element = document.getElementById("element");\n${String(content)}\n}`);
  const failure = errorOf(() => root.replaceChildren(element, script));
  if (failure) throw new Error(failure.message);
};

/** What is wrong with the scripts that run meanwhile. */
export function errorOf(run: () => void): ErrorEvent | null {
  let failure: ErrorEvent | null = null;
  const note = (event: ErrorEvent): void => {
    failure ??= event;
    event.preventDefault();
  };
  window.addEventListener("error", note);
  run();
  window.removeEventListener("error", note);
  return failure;
}

/** It runs when it is put in. */
export function scriptOf(code: string): HTMLScriptElement {
  const script = document.createElement("script");
  script.textContent = code;
  return script;
}
