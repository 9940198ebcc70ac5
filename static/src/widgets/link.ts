// A widget's place on the page, as what holds the models sees it.

import type { CommMessage, ToFrame } from "./messages";

/** Dispatched by a place whose frame waits for its models; the detail is a `WidgetLink`. */
export const WIDGET_SHOWN = "widget-shown";

export interface WidgetLink {
  readonly modelId: string;
  /** Whether it is still on the page. */
  readonly isConnected: boolean;
  /** What is done in the frame; set by who holds the models. */
  used: ((message: CommMessage) => void) | null;
  post(message: ToFrame): void;
  /** Say in a line under the widget why it cannot be used; empty: it can. */
  showNote(text: string): void;
  /** Say why it cannot be shown, and show what is left of the output. */
  giveUp(problem: string): void;
}
