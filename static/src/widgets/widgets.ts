// The page's part of widgets: what holds the models is loaded when the first is heard of or shown.

import type { NotebookClient } from "../protocol/client";
import type { WidgetLink } from "./link";
import type { WidgetsMessage } from "./messages";
import type { WidgetModels } from "./widget_models";

export class Widgets {
  #client: NotebookClient;
  #clientId = "";
  #models: Promise<WidgetModels> | null = null;

  constructor(client: NotebookClient) {
    this.#client = client;
  }

  heard(message: WidgetsMessage): void {
    void this.#loaded().then((models) => models.heard(message));
  }

  shown(link: WidgetLink, cellId: string): void {
    this.#loaded().then((models) => models.attach(link, cellId), (error: unknown) => link.giveUp(String(error)));
  }

  /** The notebook was opened; perhaps over the connection that there was, on which nothing was missed. */
  opened(): void {
    if (this.#client.clientId === this.#clientId) return;
    this.#clientId = this.#client.clientId;
    void this.#models?.then((models) => models.reconnected());
  }

  #loaded(): Promise<WidgetModels> {
    return (this.#models ??= this.#load());
  }

  async #load(): Promise<WidgetModels> {
    const { WidgetModels } = await import("./widget_models");
    const client = this.#client;
    return new WidgetModels({
      mayUse: client.state.role !== "viewer",
      fetch: async (comm_ids) => (await client.send("widget_models", { comm_ids })).models,
      send: ({ comm_id, message_id, data, buffers }, cell_id, is_again) =>
        client.send("comm_send", { comm_id, message_id, cell_id, data, buffers, is_again }),
    });
  }
}
