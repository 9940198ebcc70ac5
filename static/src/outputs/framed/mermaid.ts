// Mermaid diagrams, of Markdown and of outputs.

import mermaid from "mermaid";
import type { Show } from "./show";

let count = 0;

export const showMermaid: Show = async (root, { content, scheme }) => {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    // What is no diagram is shown as its text instead.
    suppressErrorRendering: true,
    theme: scheme === "dark" ? "dark" : "default",
  });
  const { svg } = await mermaid.render(`diagram-${++count}`, String(content));
  root.innerHTML = svg;
};
