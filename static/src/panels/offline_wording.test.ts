import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceOf, backNote, troubleOf, unsentNote } from "./offline_wording";

test("says what is wrong", () => {
  assert.equal(troubleOf("offline"), "You are offline.");
  assert.equal(troubleOf("reconnecting"), "The connection to the server is lost.");
});

test("tells those who may type that they can go on", () => {
  assert.match(adviceOf(true), /^Go on typing/);
  assert.doesNotMatch(adviceOf(false), /typing/);
});

test("counts the cells that wait", () => {
  assert.deepEqual([0, 1, 2].map(unsentNote), [
    "Everything typed so far is saved.",
    "One cell waits to be sent.",
    "2 cells wait to be sent.",
  ]);
});

test("says that all is saved only when it is", () => {
  assert.equal(backNote(0), "Back online. Everything is saved.");
  assert.match(backNote(2), /Sending/);
});
