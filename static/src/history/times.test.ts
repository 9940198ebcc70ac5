import assert from "node:assert/strict";
import { test } from "node:test";
import { exactTime, relativeTime } from "./times";

const NOW = new Date(2025, 2, 6, 14, 5);
const MINUTE_MS = 60_000;

test("relative times", () => {
  const ago = (minutes: number): string => relativeTime(new Date(NOW.getTime() - minutes * MINUTE_MS), NOW, "en-GB");
  assert.deepEqual([-5, 0, 0.9, 1, 59, 60, 60 * 23.9, 60 * 24, 60 * 24 * 6.9].map(ago), [
    "just now",
    "just now",
    "just now",
    "1 minute ago",
    "59 minutes ago",
    "1 hour ago",
    "23 hours ago",
    "yesterday",
    "6 days ago",
  ]);
  assert.equal(ago(60 * 24 * 8), "26 February 2025");
});

test("exact times, and spans without what both ends share", () => {
  const exact = (to: Date): string => exactTime(NOW, to, "en-GB").replace(/\s+/g, " ");
  assert.equal(exact(NOW), "6 Mar 2025, 14:05");
  assert.match(exact(new Date(2025, 2, 6, 14, 7)), /^6 Mar 2025, 14:05 ?– ?14:07$/);
});
