import assert from "node:assert/strict";
import { test } from "node:test";
import { typedText } from "./typed_text";

test("is the whole text where the one it was typed into is known", () => {
  assert.equal(typedText("x = 1", [[4, [1, "2"]], [5, [0, "", "y"]]]), "x = 2\ny");
});

test("is what was typed where it is not, or does not fit", () => {
  const updates = [[4, [1, "2"]], [5, [0, "", "y"]], [[3]]] as const;
  assert.equal(typedText(null, updates), "2\n\ny");
  assert.equal(typedText("too long for this", updates), "2\n\ny");
});
