// The small picture of a column's values in its head: a bar for each range of numbers or times, and for true and false.

import { svgElement } from "../dom";
import type { Summary } from "./content";

const WIDTH = 100;
const HEIGHT = 20;
// What is there at all is seen.
const LEAST = 1;

/** Null if nothing is known that could be drawn. */
export function histogram({ bins, distinct, top }: Summary): SVGElement | null {
  // Of texts it would say little.
  const counts = bins ?? (distinct === undefined ? top?.map(([, times]) => times) : undefined) ?? [];
  const most = Math.max(0, ...counts);
  if (most === 0) return null;
  const picture = svgElement("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" });
  picture.setAttribute("class", "table-histogram");
  picture.setAttribute("aria-hidden", "true");
  const width = WIDTH / counts.length;
  counts.forEach((times, place) => {
    const height = times === 0 ? 0 : Math.max(LEAST, (times / most) * HEIGHT);
    const gap = counts.length > 1 ? width * 0.12 : 0;
    picture.append(svgElement("rect", { x: place * width + gap / 2, y: HEIGHT - height, width: width - gap, height }));
  });
  return picture;
}
