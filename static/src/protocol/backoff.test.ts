import assert from "node:assert/strict";
import { test } from "node:test";
import { retryDelayMs } from "./backoff";

test("doubles up to ten seconds", () => {
  const delays = [0, 1, 2, 5, 6, 60].map((attempt) => retryDelayMs(attempt, 1));
  assert.deepEqual(delays, [250, 500, 1000, 8000, 10_000, 10_000]);
});

test("half of it is random", () => {
  assert.equal(retryDelayMs(3, 0), 1000);
  assert.equal(retryDelayMs(3, 0.5), 1500);
});
