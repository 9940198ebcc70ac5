import assert from "node:assert/strict";
import { test } from "node:test";
import { callsForInspection, callsForOffers } from "./code_help_rules";

test("names and dots call for offers", () => {
  const calling = ["i", "import nu", "df.", "df.he", "a.b.c.", "f(x).", "x[0].he", "print(al", "'text'.", "größ", 'f("a") + b'];
  assert.deepEqual(calling.filter((before) => !callsForOffers(before)), []);
});

test("numbers, strings, comments and gaps do not", () => {
  const quiet = ["", "  ", "1", "1.", "12.5", "x = 1.", "# a wor", "'a wor", 'x = "df.', "x ", "f(", "...", "1e5", "x + "];
  assert.deepEqual(quiet.filter(callsForOffers), []);
});

test("Tab is about the indentation where nothing is typed", () => {
  assert.deepEqual(["", "    ", "if x:", "x = ", "x  "].filter(callsForInspection), []);
  assert.deepEqual(["x", "    x.", "f(", "f(1, ", "d['", "%tim"].filter((before) => !callsForInspection(before)), []);
});
