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

let plot: HTMLElement | null = null;

export const showPlotly: Show = async (root, { content }) => {
  if (typeof content !== "object" || content === null) throw new Error("A figure is an object.");
  const { data = [], layout = {}, config, frames } = content as Figure;
  if (!plot) root.replaceChildren((plot = document.createElement("div")));
  plot.style.height = `${layout.height ?? HEIGHT_PX}px`;
  await Plotly.react(plot, data, layout, { ...config, responsive: true, displaylogo: false });
  if (frames?.length) await Plotly.addFrames(plot, frames);
};
