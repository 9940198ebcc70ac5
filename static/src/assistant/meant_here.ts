// What a message can mention in this notebook: its cells, the names that they bind, and files that were attached.

import { firstLine } from "../cells/wording";
import type { Mention, Turn } from "../protocol/chat";
import type { Meant } from "./mentions";
import type { AssistantServices } from "./services";

export function meantIn(services: AssistantServices, turns: readonly Turn[]): Meant[] {
  return [...cells(services), ...variables(services), ...files(turns)];
}

export function meantCell(cellId: string, number: number, about = ""): Meant {
  return { name: `cell ${number}`, about, mention: { kind: "cell", cell_id: cellId } };
}

/** As `meantIn` calls what a turn mentions. */
export function meantBy(mentions: readonly Mention[], all: readonly Meant[]): Meant[] {
  const wanted = new Set(mentions.map((mention) => JSON.stringify(mention)));
  return all.filter(({ mention }) => wanted.has(JSON.stringify(mention)));
}

function cells({ notebook }: AssistantServices): Meant[] {
  return notebook().cells.map(({ id, source }, index) => meantCell(id, index + 1, firstLine(source)));
}

function variables({ dependencies, numbers }: AssistantServices): Meant[] {
  const writers = new Map<string, string>();
  for (const [cellId, { writes }] of dependencies().cells) {
    for (const name of writes) writers.set(name, cellId);
  }
  return [...writers].map(([name, cellId]) => {
    return { name, about: `variable of cell ${numbers().get(cellId) ?? "?"}`, mention: { kind: "variable", name } };
  });
}

function files(turns: readonly Turn[]): Meant[] {
  const names = turns.flatMap(({ attachments }) => attachments.filter(({ kind }) => kind === "file").map(({ name }) => name));
  return [...new Set(names)].map((path) => ({ name: path, about: "file", mention: { kind: "file", path } }));
}
