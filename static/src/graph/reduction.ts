// Which edges of a graph say something new: one that leads where a longer way leads too is left out (a transitive
// reduction). What imports a library is needed by almost every cell; drawing that hides everything else. Pure.

export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** In the order given; each cell still reaches what it reached before, also where there are cycles. */
export function essential<A extends Arrow>(arrows: readonly A[]): A[] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of arrows) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  return arrows.filter(({ from, to }) => {
    targets.get(from)?.delete(to);
    if (reaches(targets, from, to)) return false;
    targets.get(from)?.add(to);
    return true;
  });
}

function reaches(targets: ReadonlyMap<string, ReadonlySet<string>>, start: string, goal: string): boolean {
  const seen = new Set([start]);
  const waiting = [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const next of targets.get(at) ?? []) {
      if (next === goal) return true;
      if (!seen.has(next)) waiting.push(next);
      seen.add(next);
    }
  }
  return false;
}
