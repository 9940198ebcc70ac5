import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsBetween, edgesOf, Scrolling } from "./scrolling";

const ROW = 28;
const VIEW = 280;
const MILLIONS = 5_000_000;

test("a short table scrolls by the pixel", () => {
  const scrolling = new Scrolling(ROW, 100, VIEW);
  assert.equal(scrolling.heightPx, 2800);
  scrolling.scrolledTo(70);
  assert.equal(scrolling.top, 2.5);
  assert.deepEqual(scrolling.range, [2, 14]);
  scrolling.scrolledTo(2520);
  assert.deepEqual(scrolling.range, [90, 100]);
});

test("a long table: far by the scrollbar, exactly by the wheel, and both ends are reached", () => {
  const scrolling = new Scrolling(ROW, MILLIONS, VIEW);
  const end = scrolling.heightPx - VIEW;
  assert.ok(scrolling.heightPx < 10_000_000);
  scrolling.scrolledTo(end / 2);
  assert.ok(Math.abs(scrolling.top - MILLIONS / 2) < 10);
  const before = scrolling.top;
  scrolling.scrolledTo(end / 2 + 56);
  assert.equal(scrolling.top, before + 2);
  scrolling.scrolledTo(end);
  assert.deepEqual(scrolling.range, [MILLIONS - 10, MILLIONS]);
  scrolling.scrolledTo(0);
  assert.equal(scrolling.top, 0);
});

test("what keys lead to comes into view, and the scrollbar follows", () => {
  const scrolling = new Scrolling(ROW, MILLIONS, VIEW);
  scrolling.reveal(MILLIONS - 1);
  assert.equal(scrolling.range[1], MILLIONS);
  assert.equal(scrolling.scrollTop, scrolling.heightPx - VIEW);
  scrolling.reveal(20);
  assert.equal(scrolling.top, 20);
  scrolling.reveal(25);
  assert.equal(scrolling.top, 20);
});

test("the end is not left when rows become fewer", () => {
  const scrolling = new Scrolling(ROW, 5, VIEW);
  scrolling.scrolledTo(1000);
  assert.equal(scrolling.top, 0);
  assert.equal(scrolling.scrollTop, 0);
});

test("columns in view", () => {
  const edges = edgesOf([100, 50, 200, 100]);
  assert.deepEqual(edges, [0, 100, 150, 350, 450]);
  assert.deepEqual(columnsBetween(edges, 0, 120), [0, 2]);
  assert.deepEqual(columnsBetween(edges, 100, 151), [1, 3]);
  assert.deepEqual(columnsBetween(edges, 400, 9999), [3, 4]);
  assert.deepEqual(columnsBetween([0], 0, 100), [0, 0]);
});
