// How high a plot will be, as far as it says so itself: the page keeps that free, so that nothing jumps when it is drawn. Pure.

// What plotly takes for a figure that does not say.
const PLOTLY_PX = 450;
// Axes and their titles are around what Vega calls the height.
const VEGA_PX = 200;
const VEGA_AROUND_PX = 50;

/** In pixels; null if only drawing can tell. */
export function expectedHeight(type: string, content: unknown): number | null {
  if (type.includes("plotly")) return numberAt(content, "layout", "height") ?? PLOTLY_PX;
  if (!type.includes("vega")) return null;
  const height = numberAt(content, "height") ?? numberAt(content, "config", "view", "continuousHeight");
  return (height ?? VEGA_PX) + VEGA_AROUND_PX;
}

function numberAt(value: unknown, ...path: string[]): number | null {
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key];
  return typeof value === "number" && value > 0 ? value : null;
}
