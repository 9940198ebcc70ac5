import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellKind, CellStatus } from "../protocol/types";
import { formatElapsed, progressNote, promptOf, runnerNote } from "./wording";

test("prompts", () => {
  const prompt = (status: CellStatus, execution_count: number | null, kind: CellKind = "python"): string =>
    promptOf({ kind, status, execution_count });
  assert.equal(prompt("idle", null), "In [ ]:");
  assert.equal(prompt("ok", 5), "In [5]:");
  assert.equal(prompt("running", null), "In [*]:");
  assert.equal(prompt("queued", 5), "In [*]:");
  assert.equal(prompt("idle", null, "markdown"), "");
});

test("how far a query is", () => {
  assert.equal(progressNote({ state: "queued", rows: 0, bytes: 0 }), "waiting for other queries of this connection");
  assert.equal(progressNote({ state: "waiting", rows: 0, bytes: 0 }), "waiting for the database");
  assert.equal(progressNote({ state: "fetching", rows: 1_234_567, bytes: 3 * 2 ** 20 }), "1,234,567 rows, 3 MiB");
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
