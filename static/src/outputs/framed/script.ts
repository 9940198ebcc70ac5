// application/javascript. As in Jupyter, the script finds the place for its output in `element`.

import type { Show } from "./show";

export const showScript: Show = (root, { content }) => {
  const element = document.createElement("div");
  element.id = "element";
  root.replaceChildren(element, scriptOf(`{ const element = document.getElementById("element");\n${String(content)}\n}`));
};

/** It runs when it is put in. */
export function scriptOf(code: string): HTMLScriptElement {
  const script = document.createElement("script");
  script.textContent = code;
  return script;
}
