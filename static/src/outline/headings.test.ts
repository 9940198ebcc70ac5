import assert from "node:assert/strict";
import { test } from "node:test";
import { headingsOf } from "./headings";

function of(source: string): [number, string][] {
  return headingsOf([{ id: "a", kind: "markdown", source }]).map(({ level, text }) => [level, text]);
}

test("headings with hashes, and underlined ones", () => {
  assert.deepEqual(of("# One\ntext\n### Three ###\nTwo\n---\n\nTop\n==="), [[1, "One"], [3, "Three"], [2, "Two"], [1, "Top"]]);
});

test("what only looks like one is none", () => {
  assert.deepEqual(of("```\n# code\n```\n#hashtag\n####### seven\n\n---\n- item\n---\n#"), []);
  assert.deepEqual(of("~~~~\n# a\n~~~\n# b\n~~~~\n# c"), [[1, "c"]]);
});

test("they are plain words", () => {
  assert.deepEqual(of("## The **bold** `code` [link](http://x) part"), [[2, "The bold code link part"]]);
});

test("code has none", () => {
  assert.deepEqual(headingsOf([{ id: "a", kind: "python", source: "# comment" }]), []);
});
