import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headWith, partsOf } from "./traceback";

const TRACEBACK = [
  "\x1b[31m-----------------\x1b[39m",
  "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[2]\x1b[39m\x1b[32m, line 7\x1b[39m, in \x1b[36mf\x1b[39m(x)",
  "\x1b[32m      6\x1b[39m y = 0",
  "\x1b[32m----> \x1b[39m\x1b[32m7\x1b[39m f(y)",
  "",
  "\x1b[36mFile \x1b[39m\x1b[32m/lib/json.py:346\x1b[39m, in loads(s)",
  "\x1b[32m--> \x1b[39m\x1b[32m346\x1b[39m     return s",
].join("\n");

describe("where the lines of a traceback lead", () => {
  test("the frame's name and its failing line lead to the cell's line, files lead nowhere", () => {
    const parts = partsOf(TRACEBACK);
    const target = { executionCount: 2, line: 7 };
    assert.deepEqual(
      parts.map((part) => [part.target, part.isHead]),
      [
        [null, false],
        [target, true],
        [null, false],
        [target, false],
        [null, false],
      ],
    );
    assert.equal(parts.map(({ text }) => text).join("\n"), TRACEBACK);
  });

  test("the frame is named by the cell's place", () => {
    const head = partsOf(TRACEBACK)[1];
    assert.ok(head);
    assert.equal(headWith("Cell 4", head), "Cell 4, line 7, in f(x)");
  });
});
