// HTML and scripts a cell put out, in an iframe without an origin: they cannot read the page, its cookies or the
// network. The frame's own script (`src/frame.ts`) gets the content by message and answers with its height.

import { currentScheme, onSchemeChange } from "../theme_choice";
import type { DisplayOutput, Output } from "../protocol/types";
import type { FrameMessage, FrameMimeType, ShowMessage } from "./frame_messages";
import type { Renderer } from "./renderer";

export const FRAME_TYPES: readonly FrameMimeType[] = ["text/html", "application/javascript"];
const FRAME_URL = "/frames/output/";
// A frame cannot make the page endless, whatever height it reports.
const MAX_HEIGHT_PX = 20_000;

export class FrameRenderer implements Renderer {
  readonly element: HTMLElement;
  #type: FrameMimeType;
  #content: string;
  #frame = document.createElement("iframe");
  #isReady = false;
  #stop = new AbortController();

  constructor(output: DisplayOutput, type: FrameMimeType) {
    this.#type = type;
    this.#content = String(output.data[type]);
    this.element = document.createElement("div");
    this.element.className = "output-frame";
    this.#frame.setAttribute("sandbox", "allow-scripts");
    this.#frame.loading = "lazy";
    this.#frame.title = "Output of the cell";
    this.#frame.src = FRAME_URL;
    this.element.append(this.#frame);
    this.#listen();
  }

  update(output: Output): boolean {
    if (output.output_type !== "display_data" && output.output_type !== "execute_result") return false;
    if (typeof output.data[this.#type] !== "string") return false;
    const content = output.data[this.#type] as string;
    if (content !== this.#content) {
      this.#content = content;
      this.#show();
    }
    return true;
  }

  dispose(): void {
    this.#stop.abort();
  }

  // Private

  #listen(): void {
    const { signal } = this.#stop;
    window.addEventListener("message", (event: MessageEvent<FrameMessage>) => this.#receive(event), { signal });
    onSchemeChange(() => this.#show(), signal);
  }

  #receive({ source, data }: MessageEvent<FrameMessage>): void {
    // The frame has the origin "null" like every sandboxed frame, so it is known by its window.
    if (source !== this.#frame.contentWindow) return;
    if (data.type === "ready") {
      this.#isReady = true;
      this.#show();
    } else if (data.type === "height" && Number.isFinite(data.height)) {
      this.#frame.style.height = `${Math.min(Math.max(data.height, 0), MAX_HEIGHT_PX)}px`;
    }
  }

  #show(): void {
    if (!this.#isReady) return;
    const [content, scheme] = [this.#content, currentScheme()];
    const message: ShowMessage = { type: "show", mime_type: this.#type, content, scheme };
    this.#frame.contentWindow?.postMessage(message, "*");
  }
}
