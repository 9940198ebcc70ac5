import assert from "node:assert/strict";
import { test } from "node:test";
import { tool, turn } from "./testing";
import { costOf, sizeOf, stateLine, todayLine, usageLine } from "./wording";

test("usage in a line, with what came from the cache and only known costs", () => {
  const usage = { steps: 3, input_tokens: 100, output_tokens: 2500, cache_read_tokens: 800, cache_write_tokens: 100 };
  const line = "3 steps · 1k tokens read (80 % from the cache) · 2.5k tokens written";
  assert.equal(usageLine({ ...usage, cost_usd: 0.034 }), `${line} · $0.03`);
  assert.equal(usageLine({ ...usage, cost_usd: null }), line);
  assert.equal(usageLine({ ...usage, steps: 0, cost_usd: 0 }), "");
});

test("small costs and sizes are not nothing", () => {
  assert.deepEqual([0, 0.004, 1.5].map(costOf), ["$0.00", "under $0.01", "$1.50"]);
  assert.deepEqual([12, 34_567, 3_400_000].map(sizeOf), ["12 B", "35 kB", "3.4 MB"]);
});

test("what a turn does now", () => {
  const words = { type: "text", text: "So" } as const;
  assert.equal(stateLine(turn("t", { status: "queued" }), false), "Waits for the turn before it…");
  assert.equal(stateLine(turn("t", { status: "queued" }), true), "Starting…");
  assert.equal(stateLine(turn("t"), true), "Thinking…");
  assert.equal(stateLine(turn("t", { blocks: [words] }), true), "Writing…");
  assert.equal(stateLine(turn("t", { blocks: [words, tool("c", { status: "started" })] }), true), "Working…");
  assert.equal(stateLine(turn("t", { notice: "The model is busy." }), true), "The model is busy.");
});

test("what was used of the day's limits", () => {
  const state = { is_available: true, problem: "", models: [], model: "m", modes: [] };
  const today = { tokens: 12_000, cost_usd: 0.4, max_tokens: 1_000_000, max_cost_usd: 5 };
  assert.equal(todayLine({ ...state, today }), "You used today: 12k of 1m tokens, $0.40 of $5.00");
  assert.equal(todayLine({ ...state, today: { tokens: 0, cost_usd: 0, max_tokens: null, max_cost_usd: null } }), "");
});
