// application/vnd.plotly.v1+json: a figure of plotly, drawn again in place when it changes.

import Plotly, { type Config, type Data, type Frame, type Layout } from "plotly.js-dist-min";
import type { Show } from "./show";

interface Figure {
  readonly data?: Data[];
  readonly layout?: Partial<Layout>;
  readonly config?: Partial<Config>;
  readonly frames?: Frame[];
}

// What plotly itself takes where a figure does not say; the page keeps as much free (`expected_height.ts`).
const HEIGHT_PX = 450;

const plots = new WeakMap<HTMLElement, HTMLElement>();

export const showPlotly: Show = async (root, { content }) => {
  if (typeof content !== "object" || content === null) throw new Error("A figure is an object.");
  const { data = [], layout = {}, config, frames } = content as Figure;
  const plot = plots.get(root) ?? document.createElement("div");
  if (!plots.has(root)) root.replaceChildren(plot);
  plots.set(root, plot);
  plot.style.height = `${layout.height ?? HEIGHT_PX}px`;
  await Plotly.react(plot, data, layout, { ...config, responsive: true, displaylogo: false });
  if (frames?.length) await Plotly.addFrames(plot, frames);
};
