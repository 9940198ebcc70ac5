// application/json as a tree: what is inside of something is made when it is opened, and of very many only the first
// until somebody asks. <details> brings the keys and the roles along.

import { find, fromTemplate } from "../dom";
import type { DisplayOutput, MimeBundle } from "../protocol/types";
import type { Renderer } from "./renderer";

const PAGE = 100;
const MAX_PREVIEW = 80;
// A document nested deeper than this is opened by hand: everything at once could be a million lines.
const EXPANDED_DEPTH = 3;

export class JsonRenderer implements Renderer {
  readonly element = document.createElement("div");

  constructor({ data, metadata }: DisplayOutput, type: string) {
    const { expanded, root } = { ...metadata, ...(metadata[type] as MimeBundle | undefined) };
    this.element.className = "output-json";
    const name = typeof root === "string" ? root : "root";
    this.element.append(nodeOf(name, data[type], expanded === true ? EXPANDED_DEPTH : 1));
  }

  update(): boolean {
    return false;
  }
}

/** `open`: how many levels are open from the start. */
function nodeOf(name: string, value: unknown, open: number): HTMLElement {
  const entries = entriesOf(value);
  if (!entries) return leafOf(name, value);
  const branch = fromTemplate("template-json-branch") as HTMLDetailsElement;
  find(branch, "[data-part=name]").textContent = name;
  find(branch, "[data-part=preview]").textContent = previewOf(value, entries.length);
  const children = find(branch, "[data-part=children]");
  const fill = (): void => {
    if (branch.open && children.childElementCount === 0) addPage(children, entries, 0, open - 1);
  };
  branch.addEventListener("toggle", fill);
  branch.open = open > 0 && entries.length > 0;
  fill();
  return branch;
}

function leafOf(name: string, value: unknown): HTMLElement {
  const leaf = fromTemplate("template-json-leaf");
  find(leaf, "[data-part=name]").textContent = name;
  const shown = find(leaf, "[data-part=value]");
  shown.textContent = JSON.stringify(value) ?? "undefined";
  shown.dataset["type"] = value === null ? "null" : typeof value;
  return leaf;
}

function addPage(children: HTMLElement, entries: readonly [string, unknown][], from: number, open: number): void {
  children.append(...entries.slice(from, from + PAGE).map(([name, value]) => nodeOf(name, value, open)));
  const left = entries.length - from - PAGE;
  if (left <= 0) return;
  const gap = fromTemplate("template-gap");
  find(gap, "[data-part=count]").textContent = `${left.toLocaleString("en")} more`;
  const button = find(gap, "button");
  button.textContent = `Show ${Math.min(left, PAGE)} more`;
  button.addEventListener("click", () => {
    gap.remove();
    addPage(children, entries, from + PAGE, open);
  });
  children.append(gap);
}

function entriesOf(value: unknown): [string, unknown][] | null {
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
}

function previewOf(value: unknown, count: number): string {
  const things = Array.isArray(value) ? "items" : "keys";
  const size = `${count.toLocaleString("en")} ${count === 1 ? things.slice(0, -1) : things}`;
  if (count === 0) return Array.isArray(value) ? "[]" : "{}";
  if (count > MAX_PREVIEW / 4) return size;
  const names = Array.isArray(value) ? "" : Object.keys(value as object).join(", ");
  return names && names.length <= MAX_PREVIEW ? `${size}: ${names}` : size;
}
