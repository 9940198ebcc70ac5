// ipywidgets' Output: what code printed and displayed into it. The server captured that; here it is drawn as
// the page draws outputs.

import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";
import { Widget } from "@lumino/widgets";
import type { DisplayOutput, Output } from "../../protocol/types";
import { VIEW_TYPE } from "../../widgets/messages";
import { candidatesFor } from "../choose";
import { Display } from "../display";
import { ErrorRenderer } from "../error";
import { isDisplay } from "../renderer";
import { textElement } from "../text_view";
import { SERVICES } from "./page";

const VERSION = "1.0.0";
const MODULE = "@jupyter-widgets/output";
// The frame has no way to ask for more of a text.
const MAX_LINES = 1500;

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
    return new ErrorRenderer(output, SERVICES).element;
  }

  displayOf(output: DisplayOutput): HTMLElement {
    const { [VIEW_TYPE]: view, ...data } = output.data;
    if (view === undefined) return new Display(output, SERVICES, candidatesFor).element;
    const place = document.createElement("div");
    void this.showView(place, String((view as { model_id?: unknown } | null)?.model_id), { ...output, data });
    return place;
  }

  /** `rest`: what else there is of the output, if the widget cannot be shown. */
  async showView(place: HTMLElement, modelId: string, rest: DisplayOutput): Promise<void> {
    try {
      const model = await this.model.widget_manager.get_model(modelId);
      const view = await this.create_child_view(model);
      // The place is in the page by now, unless what it belongs to is already gone.
      if (place.isConnected) Widget.attach(view.luminoWidget, place);
    } catch (error) {
      place.replaceChildren(textElement(String(error)), new Display(rest, SERVICES, candidatesFor).element);
    }
  }
}

function textOf(text: string): HTMLElement {
  const lines = text.split("\n");
  return textElement(lines.length > MAX_LINES ? `[…]\n${lines.slice(-MAX_LINES).join("\n")}` : text);
}
