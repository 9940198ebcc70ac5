// Terminal text: SGR colours and styles, carriage return, backspace and erase-line, as a kernel's streams and
// tracebacks use them. Pure: text goes in in pieces, lines of styled segments come out.
// Control sequences: ECMA-48; colours: xterm's 256-colour table.

/** How a segment looks; null is plain. Colours are 0-15 (the theme's palette) or `#rrggbb`. */
export interface Style {
  readonly foreground?: number | string;
  readonly background?: number | string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly strike?: true;
  readonly inverse?: true;
}

export interface Segment {
  readonly text: string;
  readonly style: Style | null;
}

/** Some finished lines that stay as they are; the last segment ends in a line feed unless `cut`. */
export interface Block {
  readonly segments: readonly Segment[];
  readonly lines: number;
  readonly length: number;
}

// A block is what a renderer adds or drops at once, so it is bounded in lines and in length.
export const BLOCK_LINES = 200;
export const BLOCK_LENGTH = 32_768;

const LINE_FEED = 10;
// Tab and line feed are text; the rest moves the cursor, begins a sequence or is dropped.
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f\x9b]/g;
// A CSI sequence, an OSC sequence (hyperlinks, titles) or any other escape.
const ESCAPE = /(?:\x1b\[|\x9b)([0-9;:?<=>]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/y;
const INCOMPLETE = /(?:\x1b[ -/]*|(?:\x1b\[|\x9b)[0-9;:?<=> -/]*|\x1b\][^\x07\x1b]*\x1b?)$/;
const MAX_INCOMPLETE = 4096;

/** A screen that only grows: lines above the last are final, the last can still be overwritten. */
export class Screen {
  #blocks: Block[] = [];
  #open: Segment[] = [];
  #openLines = 0;
  #openLength = 0;
  #line = new Line();
  #style: Style | null = null;
  #rest = "";

  write(text: string): void {
    let piece = this.#rest + text;
    const incomplete = INCOMPLETE.exec(piece.slice(-MAX_INCOMPLETE));
    this.#rest = incomplete ? incomplete[0] : "";
    if (incomplete) piece = piece.slice(0, -incomplete[0].length);
    this.#write(piece);
  }

  /** The lines finished since the last call. */
  takeBlocks(): Block[] {
    this.#closeBlock();
    const blocks = this.#blocks;
    this.#blocks = [];
    return blocks;
  }

  /** The unfinished last line. */
  get lastLine(): readonly Segment[] {
    return this.#line.segments();
  }

  // Private

  #write(text: string): void {
    let start = 0;
    while (start < text.length) {
      CONTROL.lastIndex = start;
      const control = CONTROL.exec(text)?.index ?? text.length;
      if (control > start) this.#writePlain(text.slice(start, control));
      start = control === text.length ? control : this.#control(text, control);
    }
  }

  /** Obey the control at `index`; where the text goes on. */
  #control(text: string, index: number): number {
    switch (text[index]) {
      case "\r":
        this.#line.column = 0;
        return index + 1;
      case "\b":
        this.#line.column = Math.max(0, this.#line.column - 1);
        return index + 1;
      case "\x1b":
      case "\x9b":
        return this.#escape(text, index);
      default:
        return index + 1;
    }
  }

  #escape(text: string, index: number): number {
    ESCAPE.lastIndex = index;
    const match = ESCAPE.exec(text);
    if (!match) return index + 1;
    const [whole, parameters, final] = match;
    if (final === "m") this.#style = applySgr(this.#style, parameters ?? "");
    if (final === "K") this.#line.erase(parameters ?? "");
    return index + whole.length;
  }

  /** Text whose only control is the line feed. */
  #writePlain(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      if (this.#line.isEmpty) end = this.#lastLineOfBlock(text, start, end);
      this.#line.write(text.slice(start, end), this.#style);
      this.#finishLine(text, start, end);
      start = end + 1;
    }
    if (start < text.length) this.#line.write(text.slice(start), this.#style);
    if (this.#line.length > BLOCK_LENGTH) this.#cutLine();
  }

  /** Many lines at once if none of them can be overwritten: the end of the last that fits the open block. */
  #lastLineOfBlock(text: string, start: number, firstEnd: number): number {
    let end = firstEnd;
    for (let lines = this.#openLines + 1; lines < BLOCK_LINES; lines++) {
      const next = text.indexOf("\n", end + 1);
      if (next < 0 || next - start > BLOCK_LENGTH) break;
      end = next;
    }
    return end;
  }

  #finishLine(text: string, start: number, end: number): void {
    const segments = this.#line.segments();
    const lines = 1 + countLineFeeds(text, start, end);
    this.#add([...segments, { text: "\n", style: null }], lines, this.#line.length + 1);
    this.#line = new Line();
  }

  /** A line too long to be redrawn each time is made final; only its end can still be overwritten. */
  #cutLine(): void {
    this.#add(this.#line.segments(), 1, this.#line.length);
    this.#closeBlock();
    this.#line = new Line();
  }

  #add(segments: readonly Segment[], lines: number, length: number): void {
    for (const segment of segments) {
      const last = this.#open.at(-1);
      if (last && last.style === segment.style) {
        this.#open[this.#open.length - 1] = { text: last.text + segment.text, style: last.style };
      } else {
        this.#open.push(segment);
      }
    }
    this.#openLines += lines;
    this.#openLength += length;
    if (this.#openLines >= BLOCK_LINES || this.#openLength >= BLOCK_LENGTH) this.#closeBlock();
  }

  #closeBlock(): void {
    if (this.#open.length === 0) return;
    this.#blocks.push({ segments: this.#open, lines: this.#openLines, length: this.#openLength });
    this.#open = [];
    this.#openLines = 0;
    this.#openLength = 0;
  }
}

/** The text as blocks and a last line, for text that is complete. */
export function parse(text: string): { blocks: Block[]; lastLine: readonly Segment[] } {
  const screen = new Screen();
  screen.write(text);
  return { blocks: screen.takeBlocks(), lastLine: screen.lastLine };
}

/** A line and a cursor in it: writing overwrites what is under the cursor. */
class Line {
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

function countLineFeeds(text: string, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index++) if (text.charCodeAt(index) === LINE_FEED) count++;
  return count;
}

// Select graphic rendition

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The style after `CSI parameters m`. */
export function applySgr(before: Style | null, parameters: string): Style | null {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  const style: Mutable<Style> = { ...before };
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) index = extendedColour(style, codes, index);
    else applyCode(style, code);
  }
  return Object.keys(style).length > 0 ? style : null;
}

function applyCode(style: Mutable<Style>, code: number): void {
  if (code >= 30 && code <= 37) style.foreground = code - 30;
  else if (code >= 90 && code <= 97) style.foreground = code - 90 + 8;
  else if (code >= 40 && code <= 47) style.background = code - 40;
  else if (code >= 100 && code <= 107) style.background = code - 100 + 8;
  else applyAttribute(style, code);
}

const SET: Readonly<Record<number, keyof Style>> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike" };
const UNSET: Readonly<Record<number, readonly (keyof Style)[]>> = {
  0: ["foreground", "background", "bold", "dim", "italic", "underline", "strike", "inverse"],
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
  39: ["foreground"],
  49: ["background"],
};

function applyAttribute(style: Mutable<Style>, code: number): void {
  const set = SET[code];
  if (set) Object.assign(style, { [set]: true });
  for (const key of UNSET[code] ?? []) delete style[key];
}

/** `38;5;n` and `38;2;r;g;b` (48 for the background); the index of the last code used. */
function extendedColour(style: Mutable<Style>, codes: readonly number[], index: number): number {
  const key = codes[index] === 38 ? "foreground" : "background";
  const [first = 0, second = 0, third = 0] = codes.slice(index + 2);
  if (codes[index + 1] === 5) {
    style[key] = colour256(first);
    return index + 2;
  }
  if (codes[index + 1] === 2) {
    style[key] = hex(first, second, third);
    return index + 4;
  }
  return index + 1;
}

function colour256(code: number): number | string {
  if (code < 16) return code;
  if (code >= 232) return hex(8 + (code - 232) * 10, 8 + (code - 232) * 10, 8 + (code - 232) * 10);
  const level = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const cube = code - 16;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function hex(...channels: number[]): string {
  return `#${channels.map((channel) => Math.min(255, channel).toString(16).padStart(2, "0")).join("")}`;
}
