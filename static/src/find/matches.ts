// Finding text, and what replaces it. Pure.

import type { Range } from "../editor/marks";

export interface Query {
  readonly text: string;
  readonly isCaseSensitive: boolean;
  readonly isWholeWord: boolean;
  readonly isRegex: boolean;
}

// More than these are not counted: nobody goes through them one by one.
export const MOST_FOUND = 10_000;

/** Null if nothing is asked for. Throws a SyntaxError if it is a regular expression with a mistake. */
export function patternOf({ text, isCaseSensitive, isWholeWord, isRegex }: Query): RegExp | null {
  if (!text) return null;
  const source = isRegex ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const whole = isWholeWord ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source;
  return new RegExp(whole, isCaseSensitive ? "gmu" : "gimu");
}

export interface Question {
  readonly query: Query;
  readonly texts: readonly string[];
}

/** What is in each of the texts, `MOST_FOUND` in all at most. */
export function findInAll({ query, texts }: Question): Range[][] {
  const pattern = patternOf(query);
  let left = MOST_FOUND;
  return texts.map((text) => {
    const found = pattern && left > 0 ? findAll(pattern, text, left) : [];
    left -= found.length;
    return found;
  });
}

/** At most `most`. What is empty does not count. */
export function findAll(pattern: RegExp, text: string, most: number): Range[] {
  const found: Range[] = [];
  for (const match of text.matchAll(pattern)) {
    if (found.length >= most) break;
    if (match[0]) found.push({ from: match.index, to: match.index + match[0].length });
  }
  return found;
}

/**
 * What stands in place of the match at this range; of a regular expression `$1` is its first group. It takes no longer
 * than it took to find the match, in this text.
 */
export function replacementOf(pattern: RegExp, text: string, { from }: Range, by: string, isRegex: boolean): string {
  if (!isRegex) return by;
  const at = new RegExp(pattern.source, pattern.flags.replace("g", "y"));
  at.lastIndex = from;
  let insert = by;
  // With all of the text around it: it may look at what comes before and after.
  text.replace(at, (...match) => {
    insert = expanded(by, match as unknown[]);
    return "";
  });
  return insert;
}

function expanded(by: string, match: readonly unknown[]): string {
  const names = match.at(-1);
  return by.replace(/\$(?:(\$)|(&)|(\d\d?)|<([^>]*)>)/g, (all, dollar, whole, number, name) => {
    if (dollar) return "$";
    if (whole) return String(match[0]);
    if (number) return typeof match[Number(number)] === "string" ? String(match[Number(number)]) : "";
    return typeof names === "object" && names !== null ? String((names as Record<string, unknown>)[name] ?? "") : all;
  });
}
