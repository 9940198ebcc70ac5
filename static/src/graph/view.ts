// The graph as it is drawn: nodes and lines in an SVG that can be moved and zoomed. Loaded when the panel is opened
// first, with the library that it needs.

import { select } from "d3-selection";
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import { svgElement } from "../dom";
import type { Index } from "../reactive/connections";
import type { Point } from "./geometry";
import type { Layout } from "./layout";
import type { GraphNode } from "./nodes";
import { fillNode, lineShape, nodeShape } from "./shapes";

const SCALES: [number, number] = [0.05, 2];
/** Smaller than that, nothing can be read: part of the graph is shown instead of all of it. */
const READABLE_SCALE = 0.75;
const MARGIN_PX = 24;
const STEP = 1.3;

export class GraphView {
  #svg: SVGSVGElement;
  #canvas = svgElement("g", {});
  #zoom = zoom<SVGSVGElement, unknown>().scaleExtent(SCALES);
  #layout: Layout | null = null;
  #nodes = new Map<string, SVGGElement>();
  #index: Index | null = null;

  constructor(svg: SVGSVGElement) {
    this.#svg = svg;
    svg.append(this.#canvas);
    // The wheel moves the graph as it moves the page; with Ctrl, or pinched, it zooms.
    this.#zoom.filter((event: MouseEvent) => (event.type === "wheel" ? event.ctrlKey : !event.button));
    this.#zoom.on("zoom", ({ transform }) => this.#canvas.setAttribute("transform", String(transform)));
    select(svg).call(this.#zoom).on("dblclick.zoom", null);
    svg.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    for (const type of ["pointerover", "focusin"]) svg.addEventListener(type, ({ target }) => this.#point(target));
    svg.addEventListener("pointerleave", () => this.#point(document.activeElement));
  }

  // Actions

  /** Another graph in place of the one that is drawn; what was in view stays in view. */
  draw(layout: Layout, nodes: readonly GraphNode[], index: Index): void {
    this.#layout = layout;
    this.#index = index;
    this.#nodes = new Map([...layout.places].map(([id, place]) => [id, nodeShape(id, place)]));
    const inOrder = nodes.flatMap(({ id }) => this.#nodes.get(id) ?? []);
    const lines = layout.lines.map(({ points, from, to }) => lineShape(points, from, to));
    this.#canvas.replaceChildren(...lines, ...inOrder);
    const [first] = inOrder;
    if (first) first.tabIndex = 0;
    this.fill(nodes);
  }

  /** The same graph; only what its nodes say has changed. */
  fill(nodes: readonly GraphNode[]): void {
    for (const node of nodes) {
      const shape = this.#nodes.get(node.id);
      if (shape) fillNode(shape, node);
    }
  }

  /** All of it if that can be read; else the part around the cell. */
  showAll(around: string | null, evenIfSmall = false): void {
    if (!this.#layout) return;
    const { width, height } = this.#layout;
    const { clientWidth, clientHeight } = this.#svg;
    const [roomX, roomY] = [clientWidth - 2 * MARGIN_PX, clientHeight - 2 * MARGIN_PX];
    const fitting = Math.min(1, roomX / Math.max(width, 1), roomY / Math.max(height, 1));
    if (evenIfSmall || fitting >= READABLE_SCALE) {
      this.#moveTo({ x: width / 2, y: height / 2 }, Math.max(fitting, SCALES[0]));
    } else {
      const [first] = this.#layout.places.values();
      this.#moveTo(this.#layout.places.get(around ?? "") ?? first ?? { x: 0, y: 0 }, 1);
    }
  }

  zoomBy(direction: "in" | "out"): void {
    this.#zoom.scaleBy(select(this.#svg), direction === "in" ? STEP : 1 / STEP);
  }

  /** Mark the cell that the person is on. */
  markCurrent(cellId: string | null): void {
    for (const [id, shape] of this.#nodes) shape.classList.toggle("current", id === cellId);
  }

  /** Put the focus on a node and the node into view. */
  focus(cellId: string): void {
    const shape = this.#nodes.get(cellId);
    if (!shape) return;
    for (const other of this.#nodes.values()) other.tabIndex = other === shape ? 0 : -1;
    shape.focus({ preventScroll: true });
    this.#bringIntoView(cellId);
  }

  // Private

  #wheel(event: WheelEvent): void {
    if (event.ctrlKey) return;
    event.preventDefault();
    const { k } = zoomTransform(this.#svg);
    this.#zoom.translateBy(select(this.#svg), -event.deltaX / k, -event.deltaY / k);
  }

  #bringIntoView(cellId: string): void {
    const place = this.#layout?.places.get(cellId);
    if (!place) return;
    const transform = zoomTransform(this.#svg);
    const [x, y] = transform.apply([place.x, place.y]);
    const { clientWidth, clientHeight } = this.#svg;
    const isInside = x > MARGIN_PX && y > MARGIN_PX && x < clientWidth - MARGIN_PX && y < clientHeight - MARGIN_PX;
    if (!isInside) this.#moveTo(place, transform.k);
  }

  #moveTo({ x, y }: Point, scale: number): void {
    const { clientWidth, clientHeight } = this.#svg;
    const centred = zoomIdentity.translate(clientWidth / 2, clientHeight / 2).scale(scale).translate(-x, -y);
    this.#zoom.transform(select(this.#svg), centred);
  }

  /** What is connected to the node that is pointed at stands out, also by lines that are not drawn otherwise. */
  #point(target: EventTarget | null): void {
    const node = target instanceof Element ? target.closest<SVGGElement>(".graph-node") : null;
    const id = node && this.#svg.contains(node) ? (node.dataset["goTo"] ?? "") : "";
    if (this.#svg.dataset["pointed"] === id) return;
    this.#svg.dataset["pointed"] = id;
    for (const line of this.#canvas.querySelectorAll(".graph-line.extra")) line.remove();
    const edges = [...(this.#index?.incoming.get(id) ?? []), ...(this.#index?.outgoing.get(id) ?? [])];
    const near = new Set([id, ...edges.flatMap(({ from, to }) => [from, to])]);
    for (const [other, shape] of this.#nodes) shape.classList.toggle("near", near.has(other));
    const drawn = new Set<string>();
    for (const line of this.#canvas.querySelectorAll<SVGPathElement>(".graph-line")) {
      const { from, to } = line.dataset;
      const isNear = from === id || to === id;
      line.classList.toggle("near", isNear);
      if (isNear) drawn.add(`${from} ${to}`);
    }
    for (const { from, to } of edges) if (!drawn.has(`${from} ${to}`)) this.#drawExtra(from, to);
  }

  #drawExtra(from: string, to: string): void {
    const [start, end] = [this.#layout?.places.get(from), this.#layout?.places.get(to)];
    if (!start || !end) return;
    const line = lineShape([start, end], from, to);
    line.classList.add("extra", "near");
    line.removeAttribute("marker-end");
    this.#canvas.prepend(line);
  }
}
