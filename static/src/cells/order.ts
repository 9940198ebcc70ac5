// Which elements stay in the page when cells change places: moving an element reloads its frames and takes its
// focus, so as few as possible move. Pure.

/** The longest run of `before` that is in the same order in `after` (a longest increasing subsequence). */
export function stationary(before: readonly string[], after: readonly string[]): Set<string> {
  const places = new Map(after.map((id, index) => [id, index]));
  const kept = before.filter((id) => places.has(id));
  const place = (id: string): number => places.get(id) ?? -1;
  // ends[n] is the element that ends the best run of n + 1 elements so far; previous links it to the one before.
  const ends: string[] = [];
  const previous = new Map<string, string | undefined>();
  for (const id of kept) {
    const length = lowerBound(ends, (end) => place(end) < place(id));
    previous.set(id, ends[length - 1]);
    ends[length] = id;
  }
  const longest = new Set<string>();
  for (let id = ends.at(-1); id !== undefined; id = previous.get(id)) longest.add(id);
  return longest;
}

/** The number of leading elements for which `isBefore` holds. */
function lowerBound(items: readonly string[], isBefore: (item: string) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(items[middle] as string)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is from one to the other, in either direction, with both. */
export function between(ids: readonly string[], one: string, other: string): string[] {
  const places = [ids.indexOf(one), ids.indexOf(other)];
  const [from, to] = [Math.min(...places), Math.max(...places)];
  return from < 0 ? ids.filter((id) => id === one || id === other) : ids.slice(from, to + 1);
}

interface Box {
  readonly id: string;
  readonly top: number;
  readonly bottom: number;
}

/** Where cells that are dropped at `y` go: after which cell ("": to the top); "same" if that is where they are. */
export function dropPlace(
  boxes: readonly Box[],
  dragged: ReadonlySet<string>,
  y: number,
): { readonly after: string; readonly lineY: number } | "same" {
  const below = boxes.findIndex(({ top, bottom }) => y < (top + bottom) / 2);
  const index = below < 0 ? boxes.length : below;
  const [before, next] = [boxes[index - 1], boxes[index]];
  const isWithin = dragged.has(before?.id ?? "") || dragged.has(next?.id ?? "");
  if (isWithin && isOneBlock(boxes, dragged)) return "same";
  // What they follow is one that stays.
  const after = boxes.slice(0, index).findLast(({ id }) => !dragged.has(id))?.id ?? "";
  return { after, lineY: before?.bottom ?? next?.top ?? 0 };
}

function isOneBlock(boxes: readonly Box[], dragged: ReadonlySet<string>): boolean {
  const first = boxes.findIndex(({ id }) => dragged.has(id));
  return boxes.slice(first, first + dragged.size).every(({ id }) => dragged.has(id));
}
