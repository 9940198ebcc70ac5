// ipywidgets and anywidget, in a sandboxed frame. Their models are the page's (../widgets): this hands on what page and
// frame say to each other, and says in words why a widget cannot be shown or used.

import { emit } from "../dom";
import type { DisplayOutput, Output } from "../protocol/types";
import { WIDGET_SHOWN, type WidgetLink } from "../widgets/link";
import { type CommMessage, type FromFrame, type ToFrame, VIEW_TYPE } from "../widgets/messages";
import { candidatesFor } from "./choose";
import { Display } from "./display";
import { FrameRenderer } from "./frame";
import { type Asked, FrameQuestions } from "./frame_questions";
import { type Fail, isDisplay, type Renderer } from "./renderer";
import type { OutputServices } from "./services";

export class WidgetRenderer implements Renderer, WidgetLink {
  readonly element = document.createElement("div");
  readonly modelId: string;
  used: ((message: CommMessage) => void) | null = null;
  #output: DisplayOutput;
  #services: OutputServices;
  #frame: FrameRenderer;
  #questions: FrameQuestions;
  #note = document.createElement("p");
  #rest: Display | null = null;

  /** Throws if the output names no model. */
  constructor(output: DisplayOutput, type: string, _fail: Fail, services: OutputServices) {
    this.modelId = idIn(output);
    if (!this.modelId) throw new Error("The output names no widget.");
    this.#output = output;
    this.#services = services;
    this.#frame = new FrameRenderer(output, type, (reason) => this.giveUp(String(reason)), type, (message) =>
      this.#heard(message as FromFrame | Asked),
    );
    this.#questions = new FrameQuestions(this.element, services, (answer) => this.#frame.post(answer));
    this.element.className = "output-widget";
    this.#note.className = "output-note";
    this.#note.hidden = true;
    this.element.append(this.#frame.element, this.#note);
  }

  get isConnected(): boolean {
    return this.element.isConnected && this.#frame.isAlive;
  }

  update(output: Output): boolean {
    return isDisplay(output) && idIn(output) === this.modelId;
  }

  dispose(): void {
    this.#frame.dispose();
    this.#rest?.dispose();
  }

  // The link

  post(message: ToFrame): void {
    // What a model says is in no state: a new frame would not know.
    if (message.type === "widgets" && message.items.some(({ kind }) => kind === "said")) this.#frame.keep();
    this.#frame.post(message);
  }

  showNote(text: string): void {
    this.#note.textContent = text;
    this.#note.hidden = text === "";
  }

  giveUp(problem: string): void {
    if (this.#rest) return;
    this.showNote(problem);
    const { [VIEW_TYPE]: _, ...data } = this.#output.data;
    this.#rest = new Display({ ...this.#output, data }, this.#services, candidatesFor);
    this.#frame.element.remove();
    this.#frame.dispose();
    this.element.append(this.#rest.element);
  }

  // Private

  #heard(message: FromFrame | Asked): void {
    if (message.type === "widgets_wanted") emit<WidgetLink>(this.element, WIDGET_SHOWN, this);
    else if (message.type === "comm") this.used?.(message);
    else if (message.type === "question") void this.#questions.asked(message);
  }
}

function idIn({ data }: DisplayOutput): string {
  const id = (data[VIEW_TYPE] as { model_id?: unknown } | null | undefined)?.model_id;
  return typeof id === "string" ? id : "";
}
