// Text as an editor colours it, without an editor: the same grammars, the same classes.

import { highlightCode } from "@lezer/highlight";
import { style } from "./appearance";
import type { Grammar } from "./languages";

// What is below is far out of view before an editor is open on it, and parsing it would hold up a frame.
const MOST_CHARACTERS = 5_000;

/** Text with its classes, which are empty where it has no colour of its own. */
export interface Token {
  text: string;
  readonly classes: string;
}

/** Together they are `text`, to the character; neighbours with the same classes are one. */
export function tokensOf(text: string, grammar: Grammar): Token[] {
  if (!("language" in grammar)) return [{ text, classes: "" }];
  const parsed = text.slice(0, MOST_CHARACTERS);
  const tokens: Token[] = [];
  const put = (piece: string, classes: string): void => {
    if (piece === "") return;
    const last = tokens.at(-1);
    if (last?.classes === classes) last.text += piece;
    else tokens.push({ text: piece, classes });
  };
  highlightCode(parsed, grammar.language.parser.parse(parsed), style, put, () => put("\n", ""));
  put(text.slice(MOST_CHARACTERS), "");
  return tokens;
}

export function highlightedText(text: string, grammar: Grammar): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const token of tokensOf(text, grammar)) fragment.append(token.classes ? colouredSpan(token) : token.text);
  return fragment;
}

function colouredSpan({ text, classes }: Token): HTMLElement {
  const span = document.createElement("span");
  span.className = classes;
  span.textContent = text;
  return span;
}
