// One line of a terminal, which can be overwritten as long as the cursor gets there. Pure.

import type { Style } from "./terminal_style";

export interface Segment {
  readonly text: string;
  readonly style: Style | null;
}

/** A line and a cursor in it: writing overwrites what is under the cursor. */
export class Line {
  #segments: Segment[] = [];
  #length = 0;
  column = 0;

  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  segments(): readonly Segment[] {
    return this.#segments;
  }

  write(text: string, style: Style | null): void {
    if (text === "") return;
    const after = this.column + text.length;
    if (this.column > this.#length) {
      this.#segments.push({ text: " ".repeat(this.column - this.#length), style: null });
      this.#length = this.column;
    }
    if (this.column < this.#length) {
      this.#segments = [...cut(this.#segments, 0, this.column), { text, style }, ...cut(this.#segments, after)];
    } else {
      this.#segments.push({ text, style });
    }
    this.column = after;
    this.#length = Math.max(this.#length, after);
  }

  /** Erase in line: to its end (no parameter or 0), to its start (1), all of it (2). */
  erase(parameter: string): void {
    const blank = { text: " ".repeat(Math.min(this.column, this.#length)), style: null };
    if (parameter === "" || parameter === "0") this.#segments = cut(this.#segments, 0, this.column);
    else if (parameter === "1") this.#segments = [blank, ...cut(this.#segments, this.column)];
    else if (parameter === "2") this.#segments = [blank];
    this.#segments = this.#segments.filter((segment) => segment.text !== "");
    this.#length = this.#segments.reduce((sum, segment) => sum + segment.text.length, 0);
  }
}

function cut(segments: readonly Segment[], from: number, to = Infinity): Segment[] {
  const kept: Segment[] = [];
  let position = 0;
  for (const { text, style } of segments) {
    const piece = text.slice(Math.max(0, from - position), Math.max(0, to - position));
    if (piece) kept.push({ text: piece, style });
    position += text.length;
  }
  return kept;
}
