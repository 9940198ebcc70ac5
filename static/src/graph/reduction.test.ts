import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers } from "../testing";
import { type Arrow, essential } from "./reduction";

function arrows(text: string): Arrow[] {
  return text.split(" ").map((pair) => ({ from: pair[0] ?? "", to: pair[1] ?? "" }));
}

function pairs(of: readonly Arrow[]): string {
  return of.map(({ from, to }) => from + to).join(" ");
}

function reachable(of: readonly Arrow[]): Set<string> {
  const found = new Set(of.map(({ from, to }) => from + to));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const pair of [...found]) for (const { from, to } of of) if (pair[1] === from) found.add(pair[0] + to);
  }
  return found;
}

test("an arrow that a longer way replaces is left out", () => {
  assert.equal(pairs(essential(arrows("ab bc ac cd ad bd"))), "ab bc cd");
});

test("both ways stay if neither replaces the other", () => {
  assert.equal(pairs(essential(arrows("ab ac bd cd"))), "ab ac bd cd");
});

test("everything that was reached is reached still, cycles or not", () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 200; round++) {
    const some = Array.from({ length: 12 }, () => ({ from: "abcdef"[random(6)] ?? "", to: "abcdef"[random(6)] ?? "" }));
    const distinct = [...new Map(some.map((arrow) => [arrow.from + arrow.to, arrow])).values()];
    const kept = essential(distinct.filter(({ from, to }) => from !== to));
    const before = reachable(distinct.filter(({ from, to }) => from !== to));
    assert.deepEqual([...reachable(kept)].sort(), [...before].sort());
  }
});
