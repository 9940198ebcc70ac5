import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsIn, type CopiedCell, textOf } from "./copied_cells";

const CELLS: CopiedCell[] = [
  { kind: "python", source: "x = 1\n" },
  { kind: "sql", source: "select 1" },
  { kind: "javascript", source: "display(1)" },
  { kind: "sheet", source: "a:number\n1" },
  { kind: "markdown", source: "# Words" },
  { kind: "raw", source: "" },
];

test("what was copied comes back", () => {
  assert.deepEqual(cellsIn(textOf(CELLS)), CELLS);
});

test("a list of cells, and lines as files have them", () => {
  const text = JSON.stringify([{ cell_type: "code", source: ["a = 1\n", "b = 2"], outputs: [] }]);
  assert.deepEqual(cellsIn(text), [{ kind: "python", source: "a = 1\nb = 2" }]);
});

test("anything else is no cells", () => {
  for (const text of ["", "x = [1]", "[1, 2]", "{}", '{"cells": []}', '{"cells": [{"cell_type": "video"}]}', "null", "[", '{"cells": 1}']) {
    assert.equal(cellsIn(text), null, text);
  }
  assert.equal(cellsIn(JSON.stringify([{ cell_type: "code", source: 1 }])), null);
});
