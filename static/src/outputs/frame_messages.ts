// What a page and the sandboxed frame of an output say to each other by postMessage.

export type FrameMimeType = "text/html" | "application/javascript";

/** To the frame: show this. */
export interface ShowMessage {
  readonly type: "show";
  readonly mime_type: FrameMimeType;
  readonly content: string;
  readonly scheme: "light" | "dark";
}

/** From the frame: it listens; its content is this high. */
export type FrameMessage = { readonly type: "ready" } | { readonly type: "height"; readonly height: number };
