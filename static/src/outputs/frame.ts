// What could run something, in an iframe without an origin: it cannot read the page, its cookies or the network. The
// frame's own script (`src/frame.ts`) gets the content by message and answers with its height. Far from view it may be
// released (`living_frames.ts`): its room stays, and when it is near again a new one shows the same.

import { emit } from "../dom";
import { currentScheme, onSchemeChange } from "../preferences";
import type { DisplayOutput, MimeBundle, Output } from "../protocol/types";
import { VIEW_TYPE } from "../widgets/messages";
import { expectedHeight } from "./expected_height";
import { type FrameMessage, JAVASCRIPT_TYPE, type ShowMessage } from "./frame_messages";
import { livingFrames } from "./living_frames";
import type { Releasable } from "./recently_seen";
import { type Fail, isDisplay, type Renderer } from "./renderer";
import type { MakeFramed } from "./services";

/** Dispatched when somebody follows a link in the frame; the detail is the address, or whatever a script says. */
export const OUTPUT_LINK = "output-link";
const FRAME_URL = "/frames/output/";
// It comes with what the page's renderers clone, which others need not read.
const WIDGET_FRAME_URL = "/frames/widget/";
// A frame cannot make the page endless, whatever height it reports.
const MAX_HEIGHT_PX = 20_000;

export class FrameRenderer implements Renderer, Releasable {
  readonly element: HTMLElement;
  #type: string;
  #contentType: string;
  #content: unknown;
  #metadata: MimeBundle;
  #fail: Fail;
  #frame: HTMLIFrameElement;
  #heard: (message: unknown) => void;
  #isReady = false;
  /** In place of the frame while it is released. */
  #room: HTMLElement | null = null;
  #isUsed = false;
  #stop = new AbortController();

  /**
   * `contentType`: what of the bundle is sent to the frame, if that is not `type` itself. `heard` gets what else the frame
   * says, which can be anything.
   */
  constructor(
    { data, metadata }: DisplayOutput,
    type: string,
    fail: Fail,
    contentType = type,
    heard: (message: unknown) => void = () => {},
  ) {
    if (data[contentType] === undefined) throw new Error(`${type} comes without ${contentType}.`);
    this.#type = type;
    this.#frame = newFrame(type);
    this.#contentType = contentType;
    this.#content = data[contentType];
    this.#metadata = metadataOf(metadata, type);
    this.#fail = fail;
    this.#heard = heard;
    this.element = document.createElement("div");
    this.element.className = "output-frame";
    this.#keepFree();
    this.element.append(this.#frame);
    this.#listen();
    livingFrames().add(this.element, this);
  }

  /** Whether it has a frame. */
  get isAlive(): boolean {
    return this.#room === null;
  }

  get isInUse(): boolean {
    // A JavaScript cell goes on in its frame, and would begin anew in another.
    return this.#isUsed || this.#type === JAVASCRIPT_TYPE || document.activeElement === this.#frame;
  }

  update(output: Output): boolean {
    if (!isDisplay(output) || output.data[this.#type] === undefined) return false;
    const content = output.data[this.#contentType];
    if (JSON.stringify(content) !== JSON.stringify(this.#content)) {
      this.#content = content;
      this.#metadata = metadataOf(output.metadata, this.#type);
      this.#isUsed = false;
      if (this.#type === JAVASCRIPT_TYPE) this.#begin();
      else this.#show();
    }
    return true;
  }

  dispose(): void {
    this.#stop.abort();
    livingFrames().remove(this.element);
  }

  /** Only what was told to this very frame shows it as it is: it stays. */
  keep(): void {
    this.#isUsed = true;
  }

  release(): void {
    this.#room = document.createElement("div");
    this.#room.className = "output-frame-room";
    this.#room.style.height = this.#frame.style.height;
    this.#isReady = false;
    delete this.element.dataset["drawn"];
    this.#frame.replaceWith(this.#room);
  }

  restore(): void {
    this.#begin();
  }

  /** To the frame, besides what it shows. */
  post(message: unknown): void {
    this.#frame.contentWindow?.postMessage(message, "*");
  }

  // Private

  /** Anew, in a frame as high as the last until it knows better. */
  #begin(): void {
    const frame = newFrame(this.#type);
    frame.style.height = this.#frame.style.height;
    this.#isReady = false;
    (this.#room ?? this.#frame).replaceWith(frame);
    this.#room = null;
    this.#frame = frame;
  }

  #keepFree(): void {
    const height = expectedHeight(this.#type, this.#content);
    if (height !== null) this.#frame.style.height = `${Math.min(height, MAX_HEIGHT_PX)}px`;
  }

  #listen(): void {
    const { signal } = this.#stop;
    window.addEventListener("message", (event: MessageEvent<FrameMessage | null>) => this.#receive(event), { signal });
    onSchemeChange(() => this.#show(), signal);
  }

  #receive({ source, data }: MessageEvent<FrameMessage | null | undefined>): void {
    // The frame has the origin "null" like every sandboxed frame, so it is known by its window. What it shows can send
    // anything in its name.
    if (!source || source !== this.#frame.contentWindow || !data) return;
    if (data.type === "ready") {
      this.#isReady = true;
      this.#show();
    } else if (data.type === "height" && Number.isFinite(data.height)) {
      this.#frame.style.height = `${Math.min(Math.max(data.height, 0), MAX_HEIGHT_PX)}px`;
      this.element.dataset["drawn"] = "";
    } else if (data.type === "failed") {
      this.#fail(String(data.message));
    } else if (data.type === "used") {
      this.#isUsed = true;
    } else if (data.type === "link") {
      emit(this.element, OUTPUT_LINK, data.address);
    } else {
      this.#heard(data);
    }
  }

  #show(): void {
    if (!this.#isReady) return;
    const message: ShowMessage = {
      type: "show",
      mime_type: this.#type,
      content: this.#content,
      metadata: this.#metadata,
      scheme: currentScheme(),
    };
    this.#frame.contentWindow?.postMessage(message, "*");
  }
}

/** As `OutputServices.framed`. */
export const inFrame: MakeFramed = (output, type, fail, contentType) => new FrameRenderer(output, type, fail, contentType);

function newFrame(type: string): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.loading = "lazy";
  frame.title = "Output of the cell";
  frame.src = type === VIEW_TYPE ? WIDGET_FRAME_URL : FRAME_URL;
  return frame;
}

function metadataOf(metadata: MimeBundle, type: string): MimeBundle {
  return { ...metadata, ...(metadata[type] as MimeBundle | undefined) };
}
