// What the assistant says, on the page. It grows while one reads: only the parts that are different are put in anew, so
// that a selection and what is being looked at stay.

import DOMPurify, { type Config } from "dompurify";
import { find, fromTemplate } from "../dom";
import { type Part, partsOf } from "./markdown";

const CLEAN: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: [
    ...["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"],
    ...["strong", "em", "s", "a", "table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["href", "target", "rel", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  // Else their values would have to be such addresses too.
  ADD_URI_SAFE_ATTR: ["target", "rel", "start"],
  RETURN_DOM_FRAGMENT: true,
};

interface Shown {
  readonly text: string;
  readonly parts: readonly Part[];
}

const shown = new WeakMap<HTMLElement, Shown>();

export function showProse(element: HTMLElement, text: string): void {
  const before = shown.get(element);
  if (before?.text === text) return;
  const parts = partsOf(text);
  const old = before?.parts ?? [];
  for (const [index, part] of parts.entries()) {
    if (isSame(part, old[index])) continue;
    const child = element.children[index] as HTMLElement | undefined;
    if (part.type === "code" && old[index]?.type === "code" && child) fillCode(child, part);
    else if (child) child.replaceWith(made(part));
    else element.append(made(part));
  }
  while (element.children.length > parts.length) element.lastElementChild?.remove();
  shown.set(element, { text, parts });
}

function isSame(part: Part, before: Part | undefined): boolean {
  if (part.type === "html") return before?.type === "html" && before.html === part.html;
  return before?.type === "code" && before.code === part.code && before.language === part.language;
}

function made(part: Part): HTMLElement {
  if (part.type === "code") return fillCode(fromTemplate("template-chat-code"), part);
  const element = document.createElement("div");
  element.className = "chat-part";
  element.append(DOMPurify.sanitize(part.html, CLEAN));
  return element;
}

function fillCode(figure: HTMLElement, { code, language }: Extract<Part, { type: "code" }>): HTMLElement {
  figure.dataset["language"] = language;
  find(figure, "[data-part=language]").textContent = language;
  find(figure, "[data-part=code]").textContent = code;
  return figure;
}
