import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findAll, findInAll, patternOf, type Query, replacementOf } from "./matches";

const PLAIN: Query = { text: "", isCaseSensitive: false, isWholeWord: false, isRegex: false };

function found(text: string, query: Partial<Query>): string[] {
  const pattern = patternOf({ ...PLAIN, ...query });
  return pattern ? findAll(pattern, text, 100).map(({ from, to }) => text.slice(from, to)) : [];
}

describe("finding", () => {
  test("plain text is plain", () => {
    assert.deepEqual(found("a.b axb a.B", { text: "a.b" }), ["a.b", "a.B"]);
    assert.deepEqual(found("a.b axb a.B", { text: "a.b", isCaseSensitive: true }), ["a.b"]);
    assert.deepEqual(found("f(x)[0] {1}-2 $y", { text: "(x)[0] {1}-2 $" }), ["(x)[0] {1}-2 $"]);
    assert.deepEqual(found("x", { text: "" }), []);
  });

  test("in all texts, each with its own places", () => {
    const query = { ...PLAIN, text: "a." , isRegex: true };
    const texts = ["ab ac", "", "xad"];
    assert.deepEqual(findInAll({ query, texts }), [[{ from: 0, to: 2 }, { from: 3, to: 5 }], [], [{ from: 1, to: 3 }]]);
    assert.deepEqual(findInAll({ query: PLAIN, texts }), [[], [], []]);
    const many = "a".repeat(9_999);
    const counts = findInAll({ query: { ...PLAIN, text: "a" }, texts: [many, many, many] }).map(({ length }) => length);
    assert.deepEqual(counts, [9_999, 1, 0]);
  });

  test("whole words, in any script", () => {
    assert.deepEqual(found("x xs x_1 äx x", { text: "x", isWholeWord: true }), ["x", "x"]);
  });

  test("regular expressions; lines have ends; what is empty does not count", () => {
    assert.deepEqual(found("a1\nb22\nc", { text: "\\d+$", isRegex: true }), ["1", "22"]);
    assert.deepEqual(found("abc", { text: "x*", isRegex: true }), []);
    assert.throws(() => patternOf({ ...PLAIN, text: "(", isRegex: true }), SyntaxError);
  });

  test("no more than asked for", () => {
    assert.equal(findAll(/a/g, "aaaa", 2).length, 2);
  });
});

describe("replacing", () => {
  const replaced = (text: string, pattern: string, by: string, isRegex = true): string => {
    const expression = patternOf({ ...PLAIN, text: pattern, isRegex });
    const [first] = expression ? findAll(expression, text, 1) : [];
    return expression && first ? replacementOf(expression, text, first, by, isRegex) : "";
  };

  test("groups of the expression, by number and by name", () => {
    assert.equal(replaced("x = 12", "(\\w) = (\\d+)", "$2 -> $1 $$ $& $9"), "12 -> x $ x = 12 ");
    assert.equal(replaced("ab", "(?<first>a)b", "<$<first>>"), "<a>");
  });

  test("it may look around itself", () => {
    assert.equal(replaced("ax", "(?<=a)(x)", "[$1]"), "[x]");
  });

  test("plain text stays as it is", () => {
    assert.equal(replaced("cost", "cost", "$1 & $$", false), "$1 & $$");
  });
});
