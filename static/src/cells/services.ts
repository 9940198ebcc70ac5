// What cells need of the server, over a notebook's connection.

import { databaseOf } from "../databases/dataframes";
import { loadDatabase } from "../databases/requests";
import { DatabaseStore } from "../databases/store";
import { Refused, StaleVersion } from "../editor/remote";
import type { Unsent } from "../editor/unsent";
import type { CellPlace } from "../outputs/services";
import type { NotebookClient } from "../protocol/client";
import { CommandError, ConnectionLost } from "../protocol/socket";
import type { Cell, ChangeSetJson, VersionedUpdate } from "../protocol/types";
import type { CellServices } from "./actions";

/** `keep` looks after what a cell's editor has not sent. */
export function servicesOver(
  client: NotebookClient,
  keep: (cellId: string, unsent: Unsent | null) => void,
): CellServices {
  const { role } = client.state;
  return {
    canEdit: role !== "viewer",
    get codeLanguage() {
      return client.state.notebook.language;
    },
    push: (cellId, version, updates) => push(client, cellId, version, updates),
    pull: (cellId, since) => client.send("cell_updates", { cell_id: cellId, since_version: since }),
    isOwn: (clientId) => client.isOwn(clientId),
    keep,
    complete: (cell_id, source, position) => client.send("code_complete", { cell_id, source, position }),
    suggest: async (cell_id, source, position) => {
      const { text } = await client.send("code_suggest", { cell_id, source, position });
      return text;
    },
    lint: async (cell_id, source) => (await client.send("code_lint", { cell_id, source })).problems,
    format: async (source) => (await client.send("code_format", { source })).source,
    inspect: async (cell_id, source, position) => {
      const { text } = await client.send("code_inspect", { cell_id, source, position });
      return text;
    },
    answerInput: async (cell_id, request_id, value) => {
      await client.send("input_answer", { cell_id, request_id, value });
    },
    sources: async () => (await client.send("connections", {})).connections,
    databases: new DatabaseStore((id, isFresh) => loadDatabase(client.state.notebook.id, id, isFresh)),
    dataframes: async () => databaseOf((await client.send("variables", {})).variables),
    renderMarkdown: async (cellId, source) => {
      const { html } = await client.send("render_markdown", { cell_id: cellId, source });
      return html;
    },
    fileAddress: ({ sha256 }) => `/api/v1/notebooks/${client.state.notebook.id}/outputs/${sha256}/`,
    cellOfRun: (executionCount, here) => cellOfRun(client.state.notebook.cells, executionCount, here),
  };
}

/** After a restart execution counts begin anew: that of the cell itself is meant first, and one of two cells is neither. */
function cellOfRun(cells: readonly Cell[], executionCount: number, here: Cell): CellPlace | null {
  if (here.execution_count === executionCount) return { cellId: here.id, name: "This cell" };
  const [cell, another] = cells.filter((each) => each.execution_count === executionCount);
  if (!cell || another) return null;
  return { cellId: cell.id, name: `Cell ${cells.indexOf(cell) + 1}` };
}

async function push(
  client: NotebookClient,
  cell_id: string,
  version: number,
  updates: ChangeSetJson[],
): Promise<number> {
  // A connection that is not opened yet has no name for us.
  if (!client.clientId) throw new ConnectionLost();
  try {
    const pushed = await client.send("cell_push", { cell_id, version, client_id: client.clientId, updates });
    return pushed.version;
  } catch (error) {
    throw error instanceof CommandError ? pushError(error) : error;
  }
}

function pushError(error: CommandError): Error {
  switch (error.code) {
    case "conflict":
      return new StaleVersion((error.details["updates"] ?? []) as readonly VersionedUpdate[]);
    case "invalid":
    case "too_large":
    case "forbidden":
      return new Refused(error.message);
    default:
      return error;
  }
}
