// The shapes of the graph as SVG elements.

import { svgElement } from "../dom";
import { NODE, type Point } from "./geometry";
import { describe, type GraphNode } from "./nodes";

// What fits into a node, in letters of its type.
const LONGEST_LABEL = 15;
const CORNER_PX = 6;
const PADDING_PX = 12;
/** Of the text, below the middle. */
const BASELINE_PX = 4;

/** A node with its middle at `place`; `fillNode` says what it shows. */
export function nodeShape(id: string, place: Point): SVGGElement {
  const group = svgElement("g", { class: "graph-node", role: "link", tabindex: -1 });
  group.setAttribute("transform", `translate(${place.x - NODE.width / 2} ${place.y - NODE.height / 2})`);
  group.dataset["goTo"] = id;
  const [middle, end] = [NODE.height / 2, NODE.width - PADDING_PX];
  group.append(
    svgElement("title", {}),
    svgElement("rect", { ...NODE, rx: CORNER_PX }),
    svgElement("circle", { cx: PADDING_PX, cy: middle, r: 4 }),
    // What they say is in the title, which is the name.
    svgElement("text", { class: "graph-label", "aria-hidden": "true", x: PADDING_PX * 2, y: middle + BASELINE_PX }),
    svgElement("text", { class: "graph-number", "aria-hidden": "true", x: end, y: middle + BASELINE_PX, "text-anchor": "end" }),
  );
  return group;
}

export function fillNode(shape: SVGGElement, node: GraphNode): void {
  const { label, number, state } = node;
  const short = label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
  shape.dataset["state"] = state;
  const texts = { title: describe(node), ".graph-label": short, ".graph-number": String(number) };
  for (const [selector, text] of Object.entries(texts)) {
    const element = shape.querySelector(selector);
    if (element && element.textContent !== text) element.textContent = text;
  }
}

/** A smooth line through the points; each but the first and last is a corner that it rounds. */
export function lineShape(points: readonly Point[], from: string, to: string): SVGPathElement {
  const line = svgElement("path", { class: "graph-line", d: pathThrough(points), "marker-end": "url(#graph-arrow)" });
  line.dataset["from"] = from;
  line.dataset["to"] = to;
  return line;
}

function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  const pieces = rest.map((point, index) => {
    const next = rest[index + 1];
    if (!next) return `L${point.x} ${point.y}`;
    return `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return `M${first.x} ${first.y}${pieces.join("")}`;
}
