// What is said of widgets: by the server to the page (docs/protocol.md, "Widgets"), and between the page and the
// sandboxed frame that shows one.

export const VIEW_TYPE = "application/vnd.jupyter.widget-view+json";

/** A binary part of a state: where it belongs, and its bytes as base64. */
export interface WidgetBuffer {
  readonly path: readonly (string | number)[];
  readonly data: string;
}

export interface WidgetState {
  readonly [name: string]: unknown;
}

export interface WidgetModel {
  readonly state: WidgetState;
  readonly buffers: readonly WidgetBuffer[];
  readonly is_alive: boolean;
}

export type WidgetItem =
  | { readonly kind: "opened"; readonly comm_id: string; readonly model: WidgetModel }
  | {
      readonly kind: "updated";
      readonly comm_id: string;
      readonly state: WidgetState;
      readonly buffers: readonly WidgetBuffer[];
      /** The message that caused it. */
      readonly parent_id: string;
      readonly is_echo: boolean;
    }
  | { readonly kind: "said"; readonly comm_id: string; readonly content: unknown; readonly buffers: readonly string[] }
  | { readonly kind: "closed"; readonly comm_id: string }
  | { readonly kind: "handled"; readonly message_ids: readonly string[] }
  | { readonly kind: "gone" };

/** Of the server. `number` counts the frames of a lane, those without items only repeat it; 0 is not counted. */
export interface WidgetsMessage {
  readonly type: "widgets";
  readonly number: number;
  readonly items: readonly WidgetItem[];
}

/** To the frame: what there is to show, and whether it may be used. */
export type ToFrame =
  | { readonly type: "widgets"; readonly items: readonly WidgetItem[] }
  | { readonly type: "widget_access"; readonly may_use: boolean };

/** Somebody used the widget in the frame. */
export interface CommMessage {
  readonly type: "comm";
  readonly comm_id: string;
  readonly message_id: string;
  readonly data: unknown;
  readonly buffers: readonly string[];
}

/** From the frame. */
export type FromFrame = { readonly type: "widgets_wanted" } | CommMessage;
