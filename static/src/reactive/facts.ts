// What a cell reads and writes, in a line. Pure.

import type { CellDependencies } from "../protocol/types";

export function factsOf({ reads, writes, stale }: CellDependencies): string {
  const facts = [
    stale?.reason === "never_ran" ? "not run yet" : "",
    namesNote("reads", Object.keys(reads)),
    namesNote("writes", writes),
  ];
  return facts.filter(Boolean).join(" · ") || "uses no other cell";
}

function namesNote(verb: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${verb} ${names.join(", ")}`;
}
