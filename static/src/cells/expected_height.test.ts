import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell, MimeBundle } from "../protocol/types";
import { expectedHeight } from "./expected_height";

function heightOf(source: string, lines: number, metadata: MimeBundle = {}): number {
  const text = "line\n".repeat(lines);
  const outputs = [{ output_type: "display_data", data: { "text/plain": text }, metadata: {} }];
  return expectedHeight({ kind: "python", source, outputs, metadata } as unknown as Cell);
}

test("every line of text and output takes its room", () => {
  assert.ok(heightOf("a\nb\nc", 1) > heightOf("a", 1));
  assert.ok(heightOf("a", 20) > heightOf("a", 2));
});

test("what is folded away takes none, whatever its length", () => {
  const hidden = { jupyter: { source_hidden: true, outputs_hidden: true } };
  assert.equal(heightOf("a\n".repeat(50), 60, hidden), heightOf("a", 5, hidden));
});

test("outputs that scroll in a box are as high as the box", () => {
  assert.equal(heightOf("a", 60, { scrolled: true }), heightOf("a", 90, { scrolled: true }));
  assert.ok(heightOf("a", 60, { scrolled: true }) < heightOf("a", 60));
});
