// Where the nodes of a graph go: in layers, each below (or right of) what it needs. Pure, but slow for large graphs: it
// runs in a worker (layout_worker.ts).

import { graphlib, layout } from "@dagrejs/dagre";
import { NODE, type Point } from "./geometry";
import { type Arrow, essential } from "./reduction";

const BETWEEN_LAYERS = 40;
const BETWEEN_NODES = 12;
// The library goes down a graph by recursion, and the stack of a worker ends after some hundred nodes.
const MOST_LAYERS = 250;

export interface Question {
  readonly nodes: readonly string[];
  readonly arrows: readonly Arrow[];
  /** What it has to fit, in pixels. */
  readonly room: { readonly width: number; readonly height: number };
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The middles of the nodes. */
  readonly places: ReadonlyMap<string, Point>;
  readonly lines: readonly (Arrow & { readonly points: readonly Point[] })[];
}

export function layOut({ nodes, arrows, room }: Question): Layout {
  const drawn = essential(arrows);
  const connected = new Set(drawn.flatMap(({ from, to }) => [from, to]));
  const layered = layOutLayers(nodes.filter((id) => connected.has(id)), drawn, room);
  const alone = nodes.filter((id) => !connected.has(id));
  return withGrid(layered, alone, Math.max(room.width, layered.width));
}

/** Cells that need no other and that no other needs, in rows below the rest. */
function withGrid(layered: Layout, alone: readonly string[], width: number): Layout {
  if (alone.length === 0) return layered;
  const [columnWidth, rowHeight] = [NODE.width + BETWEEN_NODES, NODE.height + BETWEEN_NODES];
  const columns = Math.max(1, Math.min(alone.length, Math.floor((width + BETWEEN_NODES) / columnWidth)));
  const top = layered.height === 0 ? 0 : layered.height + BETWEEN_LAYERS;
  const places = new Map(layered.places);
  for (const [index, id] of alone.entries()) {
    const [column, row] = [index % columns, Math.floor(index / columns)];
    places.set(id, { x: column * columnWidth + NODE.width / 2, y: top + row * rowHeight + NODE.height / 2 });
  }
  return {
    ...layered,
    width: Math.max(layered.width, columns * columnWidth - BETWEEN_NODES),
    height: top + Math.ceil(alone.length / columns) * rowHeight - BETWEEN_NODES,
    places,
  };
}

function layOutLayers(nodes: readonly string[], arrows: readonly Arrow[], room: Question["room"]): Layout {
  if (nodes.length === 0) return { width: 0, height: 0, places: new Map(), lines: [] };
  const depths = depthsOf(arrows);
  const layers = Math.max(...depths.values()) + 1;
  if (layers > MOST_LAYERS) return layOutPlainly(nodes, arrows, depths);
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: directionFor(depths, room), nodesep: BETWEEN_NODES, ranksep: BETWEEN_LAYERS });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of nodes) graph.setNode(id, { ...NODE });
  for (const { from, to } of arrows) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    places: new Map(nodes.map((id) => [id, pointOf(graph.node(id) as Point)])),
    lines: arrows.map(({ from, to }) => {
      const { points } = graph.edge(from, to) as { points: Point[] };
      return { from, to, points: points.map(pointOf) };
    }),
  };
}

/** Each layer a row, and straight lines. */
function layOutPlainly(nodes: readonly string[], arrows: readonly Arrow[], depths: ReadonlyMap<string, number>): Layout {
  const rows: number[] = [];
  const places = new Map<string, Point>();
  for (const id of nodes) {
    const depth = depths.get(id) ?? 0;
    const before = rows[depth] ?? 0;
    rows[depth] = before + 1;
    const [columnWidth, rowHeight] = [NODE.width + BETWEEN_NODES, NODE.height + BETWEEN_LAYERS];
    places.set(id, { x: before * columnWidth + NODE.width / 2, y: depth * rowHeight + NODE.height / 2 });
  }
  const edgeOf = (id: string, side: 1 | -1): Point => {
    const { x = 0, y = 0 } = places.get(id) ?? {};
    return { x, y: y + (side * NODE.height) / 2 };
  };
  return {
    width: Math.max(...[...places.values()].map(({ x }) => x)) + NODE.width / 2,
    height: rows.length * (NODE.height + BETWEEN_LAYERS) - BETWEEN_LAYERS,
    places,
    lines: arrows.map(({ from, to }) => ({ from, to, points: [edgeOf(from, 1), edgeOf(to, -1)] })),
  };
}

/** Without what else the library keeps there. */
function pointOf({ x, y }: Point): Point {
  return { x, y };
}

/** Layers from top to bottom or from left to right, whichever can be shown larger. */
function directionFor(depths: ReadonlyMap<string, number>, room: Question["room"]): "TB" | "LR" {
  const sizes: number[] = [];
  for (const depth of depths.values()) sizes[depth] = (sizes[depth] ?? 0) + 1;
  const [layers, widest] = [sizes.length, Math.max(...sizes)];
  const scale = (width: number, height: number): number => Math.min(room.width / width, room.height / height);
  const down = scale(widest * (NODE.width + BETWEEN_NODES), layers * (NODE.height + BETWEEN_LAYERS));
  const right = scale(layers * (NODE.width + BETWEEN_LAYERS), widest * (NODE.height + BETWEEN_NODES));
  return right > down ? "LR" : "TB";
}

/** How many arrows the longest way to each node has; those that close a cycle do not count. */
function depthsOf(arrows: readonly Arrow[]): Map<string, number> {
  const needs = new Map<string, string[]>();
  for (const { from, to } of arrows) {
    needs.set(to, [...(needs.get(to) ?? []), from]);
    if (!needs.has(from)) needs.set(from, []);
  }
  const depths = new Map<string, number>();
  for (const id of needs.keys()) measure(id, needs, depths);
  return depths;
}

/** Without recursion: a chain may be longer than the stack. */
function measure(start: string, needs: ReadonlyMap<string, readonly string[]>, depths: Map<string, number>): void {
  const waiting = [start];
  const entered = new Set<string>();
  for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
    const before = needs.get(id) ?? [];
    const unknown = entered.has(id) ? [] : before.filter((each) => !depths.has(each) && !entered.has(each));
    entered.add(id);
    if (unknown.length > 0) {
      waiting.push(...unknown);
      continue;
    }
    waiting.pop();
    if (!depths.has(id)) depths.set(id, Math.max(-1, ...before.map((each) => depths.get(each) ?? -1)) + 1);
  }
}
