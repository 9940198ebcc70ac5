import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellKind, CellStatus } from "../protocol/types";
import { formatElapsed, promptOf, runnerNote } from "./wording";

test("prompts", () => {
  const prompt = (status: CellStatus, execution_count: number | null, kind: CellKind = "python"): string =>
    promptOf({ kind, status, execution_count });
  assert.equal(prompt("idle", null), "In [ ]:");
  assert.equal(prompt("ok", 5), "In [5]:");
  assert.equal(prompt("running", null), "In [*]:");
  assert.equal(prompt("queued", 5), "In [*]:");
  assert.equal(prompt("idle", null, "markdown"), "");
});

test("elapsed time", () => {
  assert.deepEqual([0, 999, 1000, 59_940, 60_000, 3_599_000, 7_320_000].map(formatElapsed), [
    "0 ms",
    "999 ms",
    "1.0 s",
    "59.9 s",
    "1 min 0 s",
    "59 min 59 s",
    "2 h 2 min",
  ]);
});

test("who ran it", () => {
  assert.equal(runnerNote({ kind: "user", label: "ada", is_reactive: false }), "by ada");
  assert.equal(runnerNote({ kind: "assistant", label: "Assistant for ada", is_reactive: false }), "by Assistant for ada");
  assert.equal(runnerNote({ kind: "token", label: "ada (nightly)", is_reactive: true }), "reactive run by ada (nightly)");
});
