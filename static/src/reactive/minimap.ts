// <tandem-minimap>: beside the cells, dots and lines from one cell to those it needs and to those that need it. Only
// what belongs to that one cell is drawn, and only its places are measured.

import { svgElement } from "../dom";
import type { Relatives } from "./connections";

// Two lanes, in pixels from the left: what a cell needs, and what needs it.
const LANES = { producers: 5, dependents: 11 } as const;
/** From the top of a cell to the middle of its first line. */
const FIRST_LINE_PX = 20;

export interface Drawing {
  readonly cellId: string;
  readonly relatives: Relatives;
}

export class Minimap extends HTMLElement {
  #drawing: Drawing | null = null;
  #frame = 0;
  #resizes = new ResizeObserver(() => this.#drawSoon());

  // Lifecycle

  connectedCallback(): void {
    if (this.parentElement) this.#resizes.observe(this.parentElement);
  }

  disconnectedCallback(): void {
    this.#resizes.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  // Actions

  /** The cell's relatives; null: none. */
  show(drawing: Drawing | null): void {
    this.#drawing = drawing;
    this.#drawSoon();
  }

  // Private

  /**
   * Cells change their height as often as they please; it is drawn once a frame, and right after it: then the places
   * are known. Before, the browser would have to lay out the page to tell them, and once more for the frame.
   */
  #drawSoon(): void {
    this.#frame ||= requestAnimationFrame(() => {
      setTimeout(() => {
        this.#frame = 0;
        if (this.isConnected) this.#draw();
      });
    });
  }

  #draw(): void {
    const svg = svgElement("svg", {});
    if (this.#drawing) svg.append(...shapesOf(this.#drawing));
    if (svg.innerHTML !== (this.firstElementChild?.innerHTML ?? "")) this.replaceChildren(svg);
  }
}

function shapesOf({ cellId, relatives }: Drawing): SVGElement[] {
  const here = placeOf(cellId);
  if (here === null) return [];
  const { producers, indirectProducers, dependents, indirectDependents } = relatives;
  return [
    ...laneOf("producers", here, placesOf(producers), placesOf(indirectProducers)),
    ...laneOf("dependents", here, placesOf(dependents), placesOf(indirectDependents)),
  ];
}

function laneOf(lane: keyof typeof LANES, here: number, near: number[], far: number[]): SVGElement[] {
  if (near.length === 0) return [];
  const x = LANES[lane];
  return [
    line(x, here, [...near, ...far], `${lane} far`),
    line(x, here, near, lane),
    ...far.map((y) => dot(x, y, 2, `${lane} far`)),
    ...near.map((y) => dot(x, y, 3, lane)),
    dot(x, here, 3, `${lane} here`),
  ];
}

function line(x: number, here: number, places: readonly number[], kind: string): SVGElement {
  const [top, bottom] = [Math.min(here, ...places), Math.max(here, ...places)];
  return svgElement("line", { x1: x, x2: x, y1: top, y2: bottom, class: kind });
}

function dot(x: number, y: number, radius: number, kind: string): SVGElement {
  return svgElement("circle", { cx: x, cy: y, r: radius, class: kind });
}

function placesOf(cellIds: readonly string[]): number[] {
  return cellIds.map(placeOf).filter((place) => place !== null);
}

/** In pixels from the top of the notebook; null if the cell is not in the page. */
function placeOf(cellId: string): number | null {
  const element = document.getElementById(`cell-${cellId}`);
  return element && element.offsetTop + FIRST_LINE_PX;
}

customElements.define("tandem-minimap", Minimap);
