// Finding a command by some of its letters, in order. Pure.

/** `places`: which characters of the title were meant. */
export interface Match {
  readonly score: number;
  readonly places: readonly number[];
}

const NEXT_TO_IT = 3;
const BEGINS_A_WORD = 5;
const BEGINS_THE_TITLE = 4;
const GAP = -0.2;
const PER_LETTER = 0.01;

/** How well the letters fit the title; null if they are not in it in this order. No letters fit everything. */
export function match(letters: string, title: string): Match | null {
  const wanted = [...letters.toLowerCase().replace(/\s+/g, "")];
  if (wanted.length === 0) return { score: 0, places: [] };
  const text = title.toLowerCase();
  // best[n] is the best way to place the letters so far with the last of them at place n.
  let best = new Map<number, Match>([[-1, { score: 0, places: [] }]]);
  for (const letter of wanted) {
    const next = new Map<number, Match>();
    for (let place = text.indexOf(letter); place >= 0; place = text.indexOf(letter, place + 1)) {
      const found = bestBefore(best, place, text);
      if (found) next.set(place, found);
    }
    best = next;
  }
  const found = highest([...best.values()]);
  // Of two that fit alike the shorter title has more of it.
  return found && { ...found, score: found.score - PER_LETTER * text.length };
}

function bestBefore(best: ReadonlyMap<number, Match>, place: number, text: string): Match | null {
  const ways = [...best].filter(([before]) => before < place);
  return highest(
    ways.map(([before, { score, places }]) => ({
      score: score + worth(before, place, text),
      places: [...places, place],
    })),
  );
}

function worth(before: number, place: number, text: string): number {
  if (place === 0) return BEGINS_A_WORD + BEGINS_THE_TITLE;
  if (!/[\p{L}\p{N}]/u.test(text[place - 1] ?? "")) return BEGINS_A_WORD;
  if (before >= 0 && before === place - 1) return NEXT_TO_IT;
  return GAP * (place - before);
}

function highest(matches: readonly Match[]): Match | null {
  return matches.reduce<Match | null>((best, each) => (best === null || each.score > best.score ? each : best), null);
}
