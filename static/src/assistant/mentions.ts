// "@" in a message: what can be meant, what of it is offered for what is typed, and what a message mentions. Pure.

import type { Mention } from "../protocol/chat";

/** Something that a message can mean. */
export interface Meant {
  /** As it stands in the message, without the @. */
  readonly name: string;
  /** What people know it by, in the list. */
  readonly about: string;
  readonly mention: Mention;
}

/** What is typed after an @: from there up to the cursor. */
export interface Query {
  readonly start: number;
  readonly text: string;
}

const MOST_OFFERED = 8;
// Nothing longer than this is still a name, or a path, that is being typed.
const MAX_QUERY_CHARS = 200;

/** What is being mentioned at the cursor; null if nothing is. */
export function queryAt(text: string, cursor: number): Query | null {
  const start = text.slice(0, cursor).lastIndexOf("@");
  if (start < 0 || cursor - start > MAX_QUERY_CHARS) return null;
  const typed = text.slice(start + 1, cursor);
  // "ada@example.org" mentions nobody, and a blank ends what is not "cell 3".
  if (start > 0 && !/[\s(["'“]/.test(text[start - 1] ?? "")) return null;
  return /^(cell \d*|\S*)$/i.test(typed) ? { start, text: typed } : null;
}

/** The best first: names that begin so, then those that have it anywhere, then those whose text has it. */
export function offersFor(query: string, all: readonly Meant[]): Meant[] {
  const wanted = query.toLowerCase();
  const rank = ({ name, about }: Meant): number => {
    if (name.toLowerCase().startsWith(wanted)) return 0;
    if (name.toLowerCase().includes(wanted)) return 1;
    return about.toLowerCase().includes(wanted) ? 2 : 3;
  };
  const ranked = all.map((meant) => ({ meant, rank: rank(meant) })).filter((each) => each.rank < 3);
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, MOST_OFFERED).map(({ meant }) => meant);
}

/** What of those the message still mentions. */
export function mentionsIn(text: string, chosen: readonly Meant[]): Mention[] {
  const seen = new Set<string>();
  return chosen.flatMap(({ name, mention }) => {
    if (seen.has(name) || !isNamed(text, name)) return [];
    seen.add(name);
    return [mention];
  });
}

function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(`@${name}`); at >= 0; at = text.indexOf(`@${name}`, at + 1)) {
    // "@cell 1" is not in "@cell 12".
    if (!/[\p{L}\p{N}_]/u.test(text[at + name.length + 1] ?? "")) return true;
  }
  return false;
}
