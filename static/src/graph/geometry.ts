// Sizes and places in the graph, in pixels.

export const NODE = { width: 168, height: 32 } as const;

export interface Point {
  readonly x: number;
  readonly y: number;
}
