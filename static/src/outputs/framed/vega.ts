// Vega and Vega-Lite (altair). Its expressions become functions, which the policy of the frame allows and that of the
// page does not.

import embed, { type EmbedOptions, type VisualizationSpec } from "vega-embed";
import type { Show } from "./show";

const finalizers = new WeakMap<HTMLElement, () => void>();

export const showVega: Show = async (root, { mime_type, content, metadata, scheme }) => {
  const place = document.createElement("div");
  root.append(place);
  try {
    const result = await embed(place, content as VisualizationSpec, {
      ...(metadata["embed_options"] as EmbedOptions | undefined),
      mode: mime_type.includes("vegalite") ? "vega-lite" : "vega",
      // They need windows and downloads, which the frame does not have.
      actions: false,
      ...(scheme === "dark" && { theme: "dark" }),
      config: { background: "transparent" },
    });
    finalizers.get(root)?.();
    finalizers.set(root, () => result.finalize());
  } catch (error) {
    place.remove();
    throw error;
  }
  // The old one goes when the new one is there, so that a redraw does not flicker.
  root.replaceChildren(place);
};
