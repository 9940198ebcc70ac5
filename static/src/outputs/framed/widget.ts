// A widget and those in it, drawn by Jupyter's own code. The page tells what there is to show, and hears what is done.

import { Widget } from "@lumino/widgets";
import type { DOMWidgetModel } from "@jupyter-widgets/base";
import { messageOf } from "../../message_of";
import { type FromFrame, type ToFrame, VIEW_TYPE } from "../../widgets/messages";
import type { FrameMessage } from "../frame_messages";
import type { Show } from "./show";
import { WidgetManager } from "./widget_manager";

function tell(message: FromFrame | FrameMessage): void {
  parent.postMessage(message, "*");
}

export const showWidget: Show = async (root, { content }) => {
  const modelId = String((content as { model_id?: unknown } | null)?.model_id);
  await loadStyle();
  const manager = new WidgetManager((message) => tell({ type: "comm", ...message }));
  const place = document.createElement("div");
  place.className = "widget-place";
  root.replaceChildren(place);
  const isThere = new Promise<void>((resolve) => {
    window.addEventListener("message", ({ source, data }: MessageEvent<ToFrame>) => {
      if (source !== parent) return;
      if (data.type === "widget_access") place.inert = !data.may_use;
      if (data.type !== "widgets") return;
      manager.take(data.items);
      if (manager.has_model(modelId)) resolve();
    });
  });
  tell({ type: "widgets_wanted" });
  await isThere;
  const model = await manager.get_model(modelId);
  const view = await manager.create_view(model as DOMWidgetModel);
  tellOfNothing(view.el as HTMLElement);
  Widget.attach(view.luminoWidget, place);
};

/** anywidget draws later, and tells nobody but the console that it cannot: of a module from elsewhere, nothing would be seen. */
function tellOfNothing(element: HTMLElement): void {
  const tellOf = (error: unknown): void => {
    if (element.childElementCount === 0 && element.textContent === "") tell({ type: "failed", message: `The widget failed: ${messageOf(error)}` });
  };
  window.addEventListener("error", ({ error }) => tellOf(error));
  window.addEventListener("unhandledrejection", ({ reason }) => tellOf(reason));
}

/** The frame's page says where the style is; drawn without it, sliders would jump when it comes. */
async function loadStyle(): Promise<void> {
  for (const href of (document.body.dataset["widgets"] ?? "").split(" ")) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    await new Promise((resolve, reject) => {
      link.addEventListener("load", resolve);
      link.addEventListener("error", () => reject(new Error(`The style of ${VIEW_TYPE} could not be loaded.`)));
      document.head.append(link);
    });
  }
}
