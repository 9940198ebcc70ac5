// How cells are connected by the names they read and write. Pure. An `Index` is made once for the dependencies as they
// are, and only when somebody looks.

import type { Numbers } from "../cells/numbers";
import type { Dependencies } from "../protocol/dependencies";

/** One cell reads names of another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly names: readonly string[];
}

export interface Index {
  readonly edges: readonly Edge[];
  /** By the cell that writes. */
  readonly outgoing: ReadonlyMap<string, readonly Edge[]>;
  /** By the cell that reads. */
  readonly incoming: ReadonlyMap<string, readonly Edge[]>;
  /** The cells that write a name, in document order. */
  readonly writers: ReadonlyMap<string, readonly string[]>;
}

export interface WrittenName {
  readonly name: string;
  readonly readers: readonly string[];
  /** The other cells that write it too. */
  readonly others: readonly string[];
}

/** Cells around one, each in one of the lists at most. */
export interface Relatives {
  readonly producers: readonly string[];
  readonly indirectProducers: readonly string[];
  readonly dependents: readonly string[];
  readonly indirectDependents: readonly string[];
}

/** Without cells that have no number: they are not in the notebook yet, or not any more. */
export function indexOf({ cells }: Dependencies, numbers: Numbers): Index {
  const edges: Edge[] = [];
  const writers = new Map<string, string[]>();
  for (const cellId of numbers.keys()) {
    const dependencies = cells.get(cellId);
    if (!dependencies) continue;
    edges.push(...edgesTo(cellId, dependencies.reads).filter(({ from }) => numbers.has(from)));
    for (const name of dependencies.writes) push(writers, name, cellId);
  }
  const [outgoing, incoming] = [new Map<string, Edge[]>(), new Map<string, Edge[]>()];
  for (const edge of edges) {
    push(outgoing, edge.from, edge);
    push(incoming, edge.to, edge);
  }
  return { edges, outgoing, incoming, writers };
}

export function writtenBy(cellId: string, { cells }: Dependencies, index: Index): WrittenName[] {
  const outgoing = index.outgoing.get(cellId) ?? [];
  return (cells.get(cellId)?.writes ?? []).map((name) => ({
    name,
    readers: outgoing.filter(({ names }) => names.includes(name)).map(({ to }) => to),
    others: (index.writers.get(name) ?? []).filter((id) => id !== cellId),
  }));
}

/** Names that several cells write. */
export function sharedNames({ writers }: Index): [string, readonly string[]][] {
  return [...writers].filter(([, ids]) => ids.length > 1).sort(([a], [b]) => (a < b ? -1 : 1));
}

export function relativesOf(cellId: string, { incoming, outgoing }: Index): Relatives {
  const producers = new Set((incoming.get(cellId) ?? []).map(({ from }) => from));
  const dependents = new Set((outgoing.get(cellId) ?? []).map(({ to }) => to));
  const before = reachable(cellId, (id) => (incoming.get(id) ?? []).map(({ from }) => from));
  const after = reachable(cellId, (id) => (outgoing.get(id) ?? []).map(({ to }) => to));
  return {
    producers: [...producers],
    indirectProducers: [...before].filter((id) => !producers.has(id)),
    dependents: [...dependents],
    indirectDependents: [...after].filter((id) => !dependents.has(id)),
  };
}

function edgesTo(to: string, reads: Readonly<Record<string, string>>): Edge[] {
  const names = new Map<string, string[]>();
  for (const [name, from] of Object.entries(reads)) {
    if (from !== to) push(names, from, name);
  }
  return [...names].map(([from, all]) => ({ from, to, names: all }));
}

/** Every cell that is reached in one step or more, but not the start. */
function reachable(start: string, next: (cellId: string) => readonly string[]): Set<string> {
  const seen = new Set<string>();
  const waiting = [start];
  for (let cellId = waiting.pop(); cellId !== undefined; cellId = waiting.pop()) {
    for (const id of next(cellId)) {
      if (id === start || seen.has(id)) continue;
      seen.add(id);
      waiting.push(id);
    }
  }
  return seen;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
