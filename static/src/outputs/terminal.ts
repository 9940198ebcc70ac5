// Terminal text: SGR colours and styles, carriage return, backspace and erase-line, as a kernel's streams and
// tracebacks use them. Pure: text goes in in pieces, lines of styled segments come out.
// Control sequences: ECMA-48.

import { Line, type Segment } from "./terminal_line";
import { applySgr, type Style } from "./terminal_style";

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

function countLineFeeds(text: string, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index++) if (text.charCodeAt(index) === LINE_FEED) count++;
  return count;
}
