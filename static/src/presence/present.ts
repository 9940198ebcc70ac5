// Who else has the notebook open, as far as this page was told ("Presence" of docs/protocol.md). Pure: times are given.

import type { Actor, PresenceEntry, PresenceMessage } from "../protocol/types";

/** Another client. */
export interface Client extends PresenceEntry {
  readonly heard_at_ms: number;
  /** When it was last seen to go elsewhere. */
  readonly moved_at_ms: number;
}

/** By client id. */
export type Present = ReadonlyMap<string, Client>;

/** Somebody who is here, in one tab or several. */
export interface Person {
  readonly label: string;
  /** Where they last did something; null: on no cell. */
  readonly cell_id: string | null;
}

export const NOBODY: Present = new Map();

// The server repeats every entry each 3 s.
const FORGET_AFTER_MS = 8000;

/** `isOwn` tells which client ids are this tab's. */
export function hear(
  present: Present,
  { here, gone }: PresenceMessage,
  isOwn: (clientId: string) => boolean,
  nowMs: number,
): Present {
  const next = new Map(present);
  for (const clientId of gone) next.delete(clientId);
  for (const entry of here) {
    if (!isOwn(entry.client_id)) next.set(entry.client_id, seen(present.get(entry.client_id), entry, nowMs));
  }
  return next;
}

/** Without those who were not heard of for long: their connection is lost, and so is the news of it. */
export function withoutSilent(present: Present, nowMs: number): Present {
  const heard = [...present].filter(([, client]) => nowMs - client.heard_at_ms < FORGET_AFTER_MS);
  return heard.length === present.size ? present : new Map(heard);
}

/** Each person once, by name. */
export function peopleOf(present: Present): Person[] {
  const clients = [...present.values()].sort((a, b) => a.moved_at_ms - b.moved_at_ms);
  const newest = new Map(clients.map((client) => [keyOf(client.actor), client]));
  return [...newest.values()]
    .map(({ actor, cell_id }) => ({ label: actor.label, cell_id }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

/** The clients on each cell, in an order that stays. */
export function clientsByCell(present: Present): Map<string, Client[]> {
  const byCell = new Map<string, Client[]>();
  for (const client of [...present.values()].sort((a, b) => a.actor.label.localeCompare(b.actor.label))) {
    if (client.cell_id !== null) byCell.set(client.cell_id, [...(byCell.get(client.cell_id) ?? []), client]);
  }
  return byCell;
}

function seen(before: Client | undefined, entry: PresenceEntry, nowMs: number): Client {
  const hasMoved = before?.cell_id !== entry.cell_id || before.selection?.head !== entry.selection?.head;
  return { ...entry, heard_at_ms: nowMs, moved_at_ms: before && !hasMoved ? before.moved_at_ms : nowMs };
}

function keyOf({ kind, label }: Actor): string {
  return `${kind}:${label}`;
}
