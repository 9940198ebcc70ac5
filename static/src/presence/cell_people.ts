// The people on one cell: a mark for each, and their cursors in its text.

import type { Peer } from "../editor/remote_cursors";
import { colourOf } from "./appearance";
import { avatar } from "./avatar";
import type { Client } from "./present";

// A short cell has no room for more.
const MOST = 3;

/** Marks in `list`, in place of those there. */
export function showMarks(list: HTMLElement, clients: readonly Client[]): void {
  const labels = [...new Set(clients.map((client) => client.actor.label))];
  if (list.dataset["labels"] === labels.join("\n")) return;
  list.dataset["labels"] = labels.join("\n");
  list.title = labels.join(", ");
  list.replaceChildren(...labels.slice(0, MOST).map((label) => avatar("mark", label, label)));
}

export function peersOf(clients: readonly Client[]): Peer[] {
  return clients.flatMap(({ client_id, actor, selection }) => {
    return selection ? [{ client_id, label: actor.label, colour: colourOf(actor.label), selection }] : [];
  });
}
