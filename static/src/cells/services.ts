// What cells need of the server, over a notebook's connection.

import { StaleVersion } from "../editor/collab";
import type { NotebookClient } from "../protocol/client";
import { CommandError } from "../protocol/socket";
import type { ChangeSetJson, VersionedUpdate } from "../protocol/types";
import type { CellServices } from "./actions";

export function servicesOver(client: NotebookClient): CellServices {
  const { role, notebook } = client.state;
  return {
    canEdit: role !== "viewer",
    codeLanguage: notebook.language === "python" ? "python" : "text",
    push: (cellId, version, updates) => push(client, cellId, version, updates),
    pull: (cellId, since) => client.send("cell_updates", { cell_id: cellId, since_version: since }),
    isOwn: (clientId) => client.isOwn(clientId),
    renderMarkdown: async (cellId, source) => {
      const { html } = await client.send("render_markdown", { cell_id: cellId, source });
      return html;
    },
  };
}

async function push(
  client: NotebookClient,
  cell_id: string,
  version: number,
  updates: ChangeSetJson[],
): Promise<number> {
  try {
    const pushed = await client.send("cell_push", { cell_id, version, client_id: client.clientId, updates });
    return pushed.version;
  } catch (error) {
    if (!(error instanceof CommandError && error.code === "conflict")) throw error;
    throw new StaleVersion((error.details["updates"] ?? []) as readonly VersionedUpdate[]);
  }
}
