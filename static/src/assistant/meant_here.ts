// What a message can mention in this notebook: its cells and the names that they bind. Its files: meant_files.ts.

import { firstLine } from "../cells/wording";
import type { Mention } from "../protocol/chat";
import type { Meant } from "./mentions";
import type { AssistantServices } from "./services";

export function meantIn(services: AssistantServices): Meant[] {
  return [...cells(services), ...variables(services)];
}

export function meantCell(cellId: string, number: number, about = ""): Meant {
  return { name: `cell ${number}`, about, mention: { kind: "cell", cell_id: cellId } };
}

/** What a turn mentions, by the names that it has here now. */
export function meantBy(mentions: readonly Mention[], services: AssistantServices): Meant[] {
  const wanted = new Set(mentions.map((mention) => JSON.stringify(mention)));
  const files = mentions.flatMap((mention): Meant[] =>
    mention.kind === "file" ? [{ name: mention.path, about: "file", mention }] : [],
  );
  return [...meantIn(services).filter(({ mention }) => wanted.has(JSON.stringify(mention))), ...files];
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
