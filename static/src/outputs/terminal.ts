// Terminal text: SGR colours and styles, carriage return, backspace, moves of the cursor and erasing, as a kernel's
// streams, its progress bars and tracebacks use them. Pure: text goes in in pieces, lines of styled segments come out.
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
/** How far the cursor goes back up: the rows of a usual terminal. Lines above are final. */
export const REACH = 24;

const LINE_FEED = 10;
// Tab and line feed are text; the rest moves the cursor, begins a sequence or is dropped.
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f\x9b]/g;
// A CSI sequence, an OSC sequence (hyperlinks, titles) or any other escape.
const ESCAPE = /(?:\x1b\[|\x9b)([0-9;:?<=>]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/y;
const INCOMPLETE = /(?:\x1b[ -/]*|(?:\x1b\[|\x9b)[0-9;:?<=> -/]*|\x1b\][^\x07\x1b]*\x1b?)$/;
const MAX_INCOMPLETE = 4096;
const MAX_COLUMN = 1000;
const LINE_END: Segment = { text: "\n", style: null };

/** A screen that only grows: its last lines can still be overwritten. */
export class Screen {
  #blocks: Block[] = [];
  #open: Segment[] = [];
  #openLines = 0;
  #openLength = 0;
  #lines = [new Line()];
  #row = 0;
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

  /** The lines that can still be overwritten. */
  get unfinished(): readonly Segment[] {
    return this.#lines.flatMap((line, row) => (row === 0 ? line.segments() : [LINE_END, ...line.segments()]));
  }

  // Private

  get #line(): Line {
    return this.#lines[this.#row] as Line;
  }

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
    else this.#move(final ?? "", parameters ?? "");
    return index + whole.length;
  }

  #move(final: string, parameters: string): void {
    const count = Math.max(1, Number.parseInt(parameters, 10) || 1);
    switch (final) {
      case "A":
      case "F":
        return this.#goTo(this.#row - count, final === "F" ? 0 : this.#line.column);
      case "B":
      case "E":
        return this.#goTo(this.#row + count, final === "E" ? 0 : this.#line.column);
      case "C":
        return this.#goTo(this.#row, this.#line.column + count);
      case "D":
        return this.#goTo(this.#row, this.#line.column - count);
      case "G":
        return this.#goTo(this.#row, count - 1);
      case "K":
        return this.#line.erase(parameters);
      case "J":
        // To the end. What stands above was printed to be read, and stays.
        if (Number.parseInt(parameters, 10) > 0) return;
        this.#line.erase("");
        this.#lines.length = this.#row + 1;
    }
  }

  #goTo(row: number, column: number): void {
    this.#row = Math.min(Math.max(0, row), this.#lines.length - 1);
    this.#line.column = Math.min(Math.max(0, column), MAX_COLUMN);
  }

  /** Text whose only control is the line feed. */
  #writePlain(text: string): void {
    let start = this.#writeManyLines(text);
    for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", start)) {
      this.#line.write(text.slice(start, end), this.#style);
      this.#feedLine();
      start = end + 1;
    }
    if (start < text.length) this.#line.write(text.slice(start), this.#style);
    if (this.#line.length > BLOCK_LENGTH) this.#cutLine();
  }

  /** Many lines at once, of which none will be overwritten: where the text goes on. */
  #writeManyLines(text: string): number {
    let reached = text.length;
    for (let lines = 0; lines <= REACH && reached >= 0; lines++) reached = text.lastIndexOf("\n", reached - 1);
    const isBelowAll = this.#row === this.#lines.length - 1;
    if (reached <= 0 || !isBelowAll) return 0;
    let start = text.indexOf("\n") + 1;
    this.#line.write(text.slice(0, start - 1), this.#style);
    this.#finish(this.#lines.length);
    while (start <= reached) {
      const end = endOfBlock(text, start, reached, BLOCK_LINES - this.#openLines);
      this.#add([{ text: text.slice(start, end), style: this.#style }, LINE_END], 1 + countLineFeeds(text, start, end), end + 1 - start);
      start = end + 1;
    }
    return start;
  }

  #feedLine(): void {
    this.#row++;
    if (this.#row === this.#lines.length) this.#lines.push(new Line());
    this.#line.column = 0;
    let length = this.#lines.reduce((sum, line) => sum + line.length, 0);
    while (this.#row > 0 && (this.#lines.length > REACH || length > BLOCK_LENGTH)) {
      length -= this.#lines[0]?.length ?? 0;
      this.#finish(1);
    }
  }

  /** So many of the first lines are final. */
  #finish(count: number): void {
    for (const line of this.#lines.splice(0, count)) this.#add([...line.segments(), LINE_END], 1, line.length + 1);
    if (this.#lines.length === 0) this.#lines.push(new Line());
    this.#row = Math.max(0, this.#row - count);
  }

  /** A line too long to be redrawn each time is made final with those above; only its end can still be overwritten. */
  #cutLine(): void {
    const line = this.#line;
    this.#finish(this.#row);
    this.#add(line.segments(), 1, line.length);
    this.#closeBlock();
    this.#lines[0] = new Line();
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

/** The text as blocks and its last lines, for text that is complete. */
export function parse(text: string): { blocks: Block[]; unfinished: readonly Segment[] } {
  const screen = new Screen();
  screen.write(text);
  return { blocks: screen.takeBlocks(), unfinished: screen.unfinished };
}

/** Of the last of so many lines, or of those that are short enough together; `last` is the end of the last there is. */
function endOfBlock(text: string, start: number, last: number, lines: number): number {
  let end = text.indexOf("\n", start);
  for (let line = 1; line < lines; line++) {
    const next = text.indexOf("\n", end + 1);
    if (next < 0 || next > last || next - start > BLOCK_LENGTH) break;
    end = next;
  }
  return end;
}

function countLineFeeds(text: string, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index++) if (text.charCodeAt(index) === LINE_FEED) count++;
  return count;
}
