// Terminal text in the page, cheap to append to. Of very long text the page shows the beginning and the end
// until somebody asks for all of it: a browser lays out a few thousand lines in a blink, a million in seconds.

import { find, fromTemplate } from "../dom";
import { type Block, BLOCK_LINES, parse, Screen } from "./terminal";
import type { Segment } from "./terminal_line";
import type { Style } from "./terminal_style";

// In lines of the screen: a very long line wraps, and counts for as many as this makes of it.
const HEAD_LINES = 1000;
const TAIL_LINES = 1000;
const LINE_LENGTH = 100;

/** Some lines in an element of their own. */
interface ShownBlock {
  readonly element: HTMLElement;
  lines: number;
}

export class TextView {
  readonly element = document.createElement("div");
  #head = document.createElement("div");
  #tail = document.createElement("div");
  #unfinished = document.createElement("span");
  #gap: HTMLElement | null = null;
  #screen = new Screen();
  #text = "";
  #headBlocks: ShownBlock[] = [];
  #tailBlocks: ShownBlock[] = [];
  #headLines = 0;
  #tailLines = 0;
  #hiddenLines = 0;
  #showsAll = false;

  constructor(text: string) {
    this.element.className = "text-view";
    this.element.append(this.#head, this.#tail, this.#unfinished);
    this.update(text);
  }

  /** Show `text`; what only grew is appended. */
  update(text: string): void {
    const old = this.#text;
    this.#text = text;
    if (text.length >= old.length && text.startsWith(old)) this.#append(text.slice(old.length));
    else this.#restart();
  }

  // Private

  #append(added: string): void {
    if (added === "") return;
    const follow = this.#isAtEnd();
    this.#screen.write(added);
    this.#addBlocks(this.#screen.takeBlocks());
    this.#unfinished.replaceChildren(...nodesOf(this.#screen.unfinished));
    this.#showGap();
    if (follow) this.element.scrollTop = this.element.scrollHeight;
  }

  #restart(): void {
    this.#screen = new Screen();
    this.#head.replaceChildren();
    this.#tail.replaceChildren();
    this.#unfinished.replaceChildren();
    this.#headLines = this.#tailLines = this.#hiddenLines = 0;
    this.#headBlocks = [];
    this.#tailBlocks = [];
    this.#showGap();
    this.#append(this.#text);
  }

  /** A reader who scrolled up stays where they are. */
  #isAtEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return scrollTop + clientHeight >= scrollHeight - 4;
  }

  #addBlocks(blocks: readonly Block[]): void {
    let next = 0;
    for (; next < blocks.length && (this.#showsAll || this.#headLines < HEAD_LINES); next++) {
      const block = blocks[next] as Block;
      addBlock(this.#head, this.#headBlocks, block);
      this.#headLines += linesOf(block);
    }
    const rest = blocks.slice(next);
    const shown = lastLines(rest, TAIL_LINES);
    this.#hiddenLines += sumLines(rest) - sumLines(shown);
    for (const block of shown) addBlock(this.#tail, this.#tailBlocks, block);
    this.#tailLines += sumLines(shown);
    this.#trimTail();
  }

  #trimTail(): void {
    let first = this.#tailBlocks[0];
    while (first && this.#tailLines - first.lines >= TAIL_LINES) {
      first.element.remove();
      this.#tailLines -= first.lines;
      this.#hiddenLines += first.lines;
      this.#tailBlocks.shift();
      first = this.#tailBlocks[0];
    }
  }

  #showGap(): void {
    if (this.#hiddenLines === 0) {
      this.#gap?.remove();
      this.#gap = null;
      return;
    }
    this.#gap ??= this.#makeGap();
    find(this.#gap, "[data-part=count]").textContent = `${this.#hiddenLines.toLocaleString("en")} lines`;
  }

  #makeGap(): HTMLElement {
    const gap = fromTemplate("template-gap");
    find(gap, "button").addEventListener("click", () => this.#showAll());
    this.#tail.before(gap);
    return gap;
  }

  #showAll(): void {
    this.#showsAll = true;
    this.element.dataset["extent"] = "all";
    this.#restart();
  }
}

/** Complete text, with its colours, in an element that does not scroll by itself. */
export function textElement(text: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "text-view";
  const { blocks, unfinished } = parse(text);
  const shown: ShownBlock[] = [];
  for (const block of blocks) addBlock(element, shown, block);
  element.append(...nodesOf(unfinished));
  return element;
}

function lastLines(blocks: readonly Block[], wanted: number): readonly Block[] {
  let first = blocks.length;
  for (let lines = 0; first > 0 && lines < wanted; first--) lines += linesOf(blocks[first - 1] as Block);
  return blocks.slice(first);
}

function linesOf(block: Block): number {
  return Math.max(block.lines, Math.ceil(block.length / LINE_LENGTH));
}

function sumLines(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + linesOf(block), 0);
}

/** Append to `parent`: to its last block while that is small, so that lines that come singly share one. */
function addBlock(parent: HTMLElement, shown: ShownBlock[], block: Block): void {
  let last = shown.at(-1);
  if (!last || last.lines + linesOf(block) > BLOCK_LINES) {
    last = { element: document.createElement("div"), lines: 0 };
    last.element.className = "text-block";
    parent.append(last.element);
    shown.push(last);
  }
  last.element.append(...nodesOf(block.segments));
  last.element.normalize();
  last.lines += linesOf(block);
  last.element.style.setProperty("--lines", String(last.lines));
}

function nodesOf(segments: readonly Segment[]): (Node | string)[] {
  return segments.map(({ text, style }) => (style ? styled(text, style) : text));
}

function styled(text: string, style: Style): HTMLElement {
  const span = document.createElement("span");
  span.textContent = text;
  for (const name of ["bold", "dim", "italic", "underline", "strike"] as const) {
    if (style[name]) span.classList.add(`ansi-${name}`);
  }
  const [front, back] = style.inverse ? [style.background, style.foreground] : [style.foreground, style.background];
  if (style.inverse) span.classList.add("ansi-inverse");
  if (front !== undefined) span.style.color = inkOf(front);
  if (back !== undefined) span.style.backgroundColor = typeof back === "number" ? `var(--ansi-${back})` : back;
  return span;
}

/** The theme's colour, or the one named, moved towards the ink so that it can be read on light and on dark. */
function inkOf(value: number | string): string {
  return typeof value === "number" ? `var(--ansi-${value})` : `color-mix(in oklab, ${value}, var(--ink) 30%)`;
}
