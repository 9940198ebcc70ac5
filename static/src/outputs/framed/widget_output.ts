// ipywidgets' Output: what code printed and displayed into it. The server captured that; here it is only drawn.

import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";
import { Widget } from "@lumino/widgets";
import type { DisplayOutput, MimeBundle, Output } from "../../protocol/types";
import { VIEW_TYPE } from "../../widgets/messages";
import { ErrorRenderer } from "../error";
import { IMAGE_TYPES, ImageRenderer } from "../image";
import { isDisplay, type Renderer } from "../renderer";
import type { OutputServices } from "../services";
import { textElement } from "../text_view";
import { showerOf } from "./showers";

const VERSION = "1.0.0";
const MODULE = "@jupyter-widgets/output";
// The frame has no way to ask for more of a text.
const MAX_LINES = 1500;

// In a frame there is nobody to ask; what a widget has captured is whole.
const NO_SERVICES: OutputServices = { renderMarkdown: async () => "", cellOfRun: () => null, fileAddress: () => "" };

export class OutputModel extends DOMWidgetModel {
  override defaults(): Backbone.ObjectHash {
    return {
      ...super.defaults(),
      _model_name: "OutputModel",
      _view_name: "OutputView",
      _model_module: MODULE,
      _view_module: MODULE,
      _model_module_version: VERSION,
      _view_module_version: VERSION,
      msg_id: "",
      outputs: [],
    };
  }
}

/** What is drawn of one output. */
interface Drawn {
  readonly key: string;
  readonly element: HTMLElement;
}

export class OutputView extends DOMWidgetView {
  // Not a #field: the base's constructor calls `render`-to-be methods before those exist.
  declare drawn: Drawn[];

  override initialize(parameters: Parameters<DOMWidgetView["initialize"]>[0]): void {
    super.initialize(parameters);
    this.drawn = [];
    this.listenTo(this.model, "change:outputs", () => this.draw());
  }

  override render(): void {
    super.render();
    this.el.classList.add("jupyter-widgets", "widget-output");
    this.draw();
  }

  /** What did not change stays as it is, so a text that grows does not make the plots over it flicker. */
  draw(): void {
    const outputs = this.model.get("outputs") as readonly Output[];
    this.drawn = outputs.map((output, index) => {
      const key = JSON.stringify(output);
      const old = this.drawn[index];
      return old?.key === key ? old : { key, element: this.elementOf(output) };
    });
    this.el.replaceChildren(...this.drawn.map(({ element }) => element));
  }

  elementOf(output: Output): HTMLElement {
    if (output.output_type === "stream") {
      const element = textOf(output.text);
      element.classList.add("output-stream", `output-${output.name === "stderr" ? "stderr" : "stdout"}`);
      return element;
    }
    if (isDisplay(output)) return this.displayOf(output);
    return new ErrorRenderer(output, NO_SERVICES).element;
  }

  displayOf(output: DisplayOutput): HTMLElement {
    const place = document.createElement("div");
    const { data, metadata } = output;
    if (VIEW_TYPE in data) {
      void this.showView(place, String((data[VIEW_TYPE] as { model_id?: unknown } | null)?.model_id));
      return place;
    }
    const framed = Object.keys(data).find((type) => showerOf(type) && type !== "application/javascript");
    const image = IMAGE_TYPES.find((type) => type in data);
    if (framed && !(framed === "text/html" && image)) {
      this.show(place, framed, data, metadata).catch(() => place.replaceChildren(fallback(data)));
      return place;
    }
    return image ? imageOf(output, image) : fallback(data);
  }

  async show(place: HTMLElement, type: string, data: MimeBundle, metadata: MimeBundle): Promise<void> {
    const draw = await showerOf(type)?.load();
    const scheme = document.documentElement.dataset["scheme"] === "dark" ? "dark" : "light";
    await draw?.(place, { type: "show", mime_type: type, content: data[type], metadata, scheme });
  }

  async showView(place: HTMLElement, modelId: string): Promise<void> {
    try {
      const model = await this.model.widget_manager.get_model(modelId);
      const view = await this.create_child_view(model);
      // The place is in the page by now, unless what it belongs to is already gone.
      if (place.isConnected) Widget.attach(view.luminoWidget, place);
    } catch (error) {
      place.replaceChildren(textElement(String(error)));
    }
  }
}

function imageOf(output: DisplayOutput, type: string): HTMLElement {
  const failed = () => renderer.element.replaceChildren(fallback(output.data));
  const renderer: Renderer = new ImageRenderer(output, type, failed, NO_SERVICES);
  return renderer.element;
}

function fallback(data: MimeBundle): HTMLElement {
  const text = data["text/markdown"] ?? data["text/latex"] ?? data["text/plain"];
  return textOf(typeof text === "string" ? text : JSON.stringify(data, null, 2));
}

function textOf(text: string): HTMLElement {
  const lines = text.split("\n");
  return textElement(lines.length > MAX_LINES ? `[…]\n${lines.slice(-MAX_LINES).join("\n")}` : text);
}
