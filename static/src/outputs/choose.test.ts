import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { candidatesFor } from "./choose";

function typesOf(data: Record<string, unknown>): string[] {
  return [...new Set(candidatesFor(data).map(({ type }) => type))];
}

describe("which type of a bundle is shown", () => {
  test("the richest first, whatever their order in the bundle", () => {
    const data = { "text/plain": "a", "image/png": "", "text/html": "<b>a</b>" };
    assert.deepEqual(typesOf(data), ["text/html", "image/png", "text/plain"]);
  });

  test("a type nobody knows comes last, as text", () => {
    assert.deepEqual(typesOf({ "application/x-own": "?", "text/plain": "a" }), ["text/plain", "application/x-own"]);
  });

  test("nothing to show", () => {
    assert.deepEqual(candidatesFor({}), []);
  });
});
