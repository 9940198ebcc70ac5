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

// A figure that says nothing of colours is drawn in those of the page; one that does keeps its own.
const DARK: Partial<Layout> = {
  paper_bgcolor: "rgba(0, 0, 0, 0)",
  plot_bgcolor: "rgba(0, 0, 0, 0)",
  font: { color: "#d9d6cf" },
  xaxis: { gridcolor: "#363c44", zerolinecolor: "#4a515a", linecolor: "#4a515a" },
  yaxis: { gridcolor: "#363c44", zerolinecolor: "#4a515a", linecolor: "#4a515a" },
};

export const showPlotly: Show = async (root, { content, scheme }) => {
  if (typeof content !== "object" || content === null) throw new Error("A figure is an object.");
  const { data = [], layout = {}, config, frames } = content as Figure;
  const plot = plots.get(root) ?? document.createElement("div");
  if (!plots.has(root)) root.replaceChildren(plot);
  plots.set(root, plot);
  plot.style.height = `${layout.height ?? HEIGHT_PX}px`;
  await Plotly.react(plot, data, scheme === "dark" ? darkened(layout) : layout, { ...config, responsive: true, displaylogo: false });
  if (frames?.length) await Plotly.addFrames(plot, frames);
};

/** Its template, which plotly.py always sends, is for light pages. */
function darkened(layout: Partial<Layout>): Partial<Layout> {
  const template = layout.template as { data?: object; layout?: Partial<Layout> } | undefined;
  const { xaxis, yaxis, ...rest } = DARK;
  const ofTemplate: Partial<Layout> = template?.layout ?? {};
  return {
    ...layout,
    template: {
      ...template,
      layout: {
        ...ofTemplate,
        ...rest,
        font: { ...ofTemplate.font, ...rest.font },
        xaxis: { ...ofTemplate.xaxis, ...xaxis },
        yaxis: { ...ofTemplate.yaxis, ...yaxis },
      },
    },
  } as Partial<Layout>;
}
