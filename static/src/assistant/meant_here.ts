// What a message can mention in this notebook: its cells, the names that they bind, the files in its folder.

import { firstLine } from "../cells/wording";
import type { Mention } from "../protocol/chat";
import type { FileEntry } from "../protocol/types";
import type { Meant } from "./mentions";
import type { AssistantServices } from "./services";
import { sizeOf } from "./wording";

export function meantIn(services: AssistantServices, files: readonly FileEntry[]): Meant[] {
  return [...cells(services), ...variables(services), ...files.map(meantFile)];
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

function meantFile({ name, kind, size_bytes }: FileEntry): Meant {
  const about = kind === "file" ? `file, ${sizeOf(size_bytes)}` : kind;
  return { name, about, mention: { kind: "file", path: name } };
}
