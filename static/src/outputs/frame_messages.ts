// What a page and the sandboxed frame of an output say to each other by postMessage.

import type { MimeBundle } from "../protocol/types";

/** Of a JavaScript cell. Its code leaves things behind, or never ends, so each time it gets a new frame. */
export const JAVASCRIPT_TYPE = "application/vnd.tandem.javascript+json";

/** To the frame: show this. */
export interface ShowMessage {
  readonly type: "show";
  readonly mime_type: string;
  readonly content: unknown;
  readonly metadata: MimeBundle;
  readonly scheme: "light" | "dark";
}

/**
 * From the frame: it listens; its content is this high; it cannot show what it was sent; somebody did something in it, so it
 * is not as it was drawn; somebody follows a link.
 */
export type FrameMessage =
  | { readonly type: "ready" }
  | { readonly type: "height"; readonly height: number }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "used" }
  | { readonly type: "link"; readonly address: string };
