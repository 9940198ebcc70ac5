// A program that edits over REST, and takes down what it tried and what it was told.

import type { Notebook } from "../../../static/src/protocol/types";
import { sleep } from "./browser";
import type { Network } from "./network";

export interface WholeTextEdit {
  readonly cell_id: string;
  readonly expected_version: number;
  readonly before: string;
  readonly after: string;
  /** Null: no answer came, so it was done or not. */
  status: number | null;
  /** What the answer says the cell's version is now. */
  version: number | null;
}

interface Answer {
  readonly status: number;
  readonly body: { version?: number; details?: { version?: number; source?: string } };
}

export class RestProgram {
  readonly edits: WholeTextEdit[] = [];
  #network: Network;
  #path: string;

  constructor(network: Network, notebookId: string) {
    this.#network = network;
    this.#path = `/api/v1/notebooks/${notebookId}/`;
  }

  /** The edit as it was answered; with a conflict, what it conflicts with is in `current`. */
  async edit(
    cellId: string,
    version: number,
    before: string,
    after: string,
  ): Promise<{ edit: WholeTextEdit; current: { version: number; source: string } | null }> {
    const edit: WholeTextEdit = { cell_id: cellId, expected_version: version, before, after, status: null, version: null };
    this.edits.push(edit);
    const answer = await this.#send("PATCH", `cells/${cellId}/`, { source: after, expected_version: version });
    if (!answer) return { edit, current: null };
    edit.status = answer.status;
    edit.version = answer.body.version ?? null;
    const { version: at, source } = answer.body.details ?? {};
    return { edit, current: at !== undefined && source !== undefined ? { version: at, source } : null };
  }

  async notebook(): Promise<Notebook> {
    for (;;) {
      const answer = await this.#send("GET", "", null);
      if (answer?.status === 200) return answer.body as unknown as Notebook;
      await sleep(100);
    }
  }

  async #send(method: string, path: string, body: unknown): Promise<Answer | null> {
    const url = this.#network.server.replace("ws", "http") + this.#path + path;
    const headers = { Authorization: `Bearer ${this.#network.token}`, "Content-Type": "application/json" };
    try {
      const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      return { status: response.status, body: (await response.json()) as Answer["body"] };
    } catch {
      return null;
    }
  }
}
