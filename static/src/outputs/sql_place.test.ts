import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rangeIn, sqlPlaceOf } from "./sql_place";

const TEXT = "SELECT 'é😀',\n  '😀', nothing\nFROM t";
const TRACEBACK = ["Cell In[7], line 2, column 8", "----> 2   '😀', nothing", "               ^", "Line 2: no such column"];
const PLACE = { executionCount: 7, line: 2, column: 8, lineText: "  '😀', nothing" };

describe("where a database found an error", () => {
  test("the traceback says it", () => {
    assert.deepEqual(sqlPlaceOf(TRACEBACK), PLACE);
    assert.equal(sqlPlaceOf(["Cell In[7], line 2", "----> 2 f(x)"]), null);
    assert.equal(sqlPlaceOf(["There is no way into the database"]), null);
  });

  test("the word there is marked", () => {
    const range = rangeIn(TEXT, PLACE);
    assert.equal(range && TEXT.slice(range.from, range.to), "nothing");
  });

  test("after the end of a line it is the last letter", () => {
    assert.deepEqual(rangeIn("SELECT 1 +", { ...PLACE, line: 1, column: 11, lineText: "SELECT 1 +" }), { from: 9, to: 10 });
  });

  test("a line that is another by now has no place", () => {
    assert.equal(rangeIn(TEXT.replace("nothing", "n"), PLACE), null);
    assert.equal(rangeIn("", { ...PLACE, line: 1, lineText: "" }), null);
    assert.equal(rangeIn("SELECT", PLACE), null);
  });
});
