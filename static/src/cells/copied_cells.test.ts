import assert from "node:assert/strict";
import { test } from "node:test";
import { cell } from "../testing";
import { cellsIn, copyOf, type CopiedCell, plainCell, textOf } from "./copied_cells";

const CELLS: CopiedCell[] = [
  plainCell("python", "x = 1\n"),
  plainCell("sql", "select 1"),
  plainCell("javascript", "display(1)"),
  plainCell("sheet", "a:number\n1"),
  plainCell("markdown", "# Words"),
  plainCell("raw", ""),
];
const METADATA = { tags: ["raises-exception"], jupyter: { source_hidden: true }, scrolled: true, tandem: { later: 1 } };
const CONNECTION = "00000000-0000-4000-8000-000000000001";

test("what was copied comes back", () => {
  assert.deepEqual(cellsIn(textOf(CELLS)), CELLS);
});

test("with all that makes a cell what it is, and nothing of how it ran", () => {
  const settings = { metadata: METADATA, is_disabled: true, result_name: "sales", cache_seconds: 60, connection_id: CONNECTION };
  const original = cell("a", { kind: "sql", source: "old", status: "ok", execution_count: 3, version: 9, ...settings });
  const [copy] = cellsIn(textOf([copyOf(original, "new")])) ?? [];
  assert.deepEqual(copy, { kind: "sql", source: "new", ...settings });
});

test("the cell whose attachments a text shows", () => {
  const [shows, plain] = [cell("a", { kind: "markdown" }), cell("b", { kind: "markdown" })];
  const copies = [copyOf(shows, "![dot](attachment:dot.png)"), copyOf(plain, "words")];
  assert.deepEqual(copies.map(({ attachments_of }) => attachments_of), ["a", undefined]);
  assert.deepEqual(cellsIn(textOf(copies)), copies);
  const nodes = [{ cell_type: "code", source: "1", metadata: { tandem: { attachments_of: "a" } } }];
  assert.deepEqual(cellsIn(JSON.stringify(nodes)), [plainCell("python", "1")], "code has none");
});

test("a file says it as an export does", () => {
  const file = JSON.parse(textOf([{ ...plainCell("sql", "select 1"), result_name: "sales", cache_seconds: 60, is_disabled: true }])) as object;
  const metadata = { tandem: { kind: "sql", result_name: "sales", cache_seconds: 60, disabled: true } };
  assert.deepEqual(file, { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: "code", metadata, source: "select 1" }] });
});

test("settings that cannot be are left out", () => {
  const tandem = { kind: "video", result_name: 7, cache_seconds: "x", disabled: "yes", connection_id: {} };
  const nodes = [{ cell_type: "code", metadata: { tandem } }, { cell_type: "code", metadata: [1] }, { cell_type: "code", metadata: { tandem: null } }];
  assert.deepEqual(cellsIn(JSON.stringify(nodes)), [plainCell("python", ""), plainCell("python", ""), plainCell("python", "")]);
  const connected = { cell_type: "code", metadata: { tandem: { connection_id: CONNECTION } } };
  assert.deepEqual(cellsIn(JSON.stringify([connected])), [plainCell("python", "")], "only SQL cells ask databases");
});

test("a list of cells, and lines as files have them", () => {
  const text = JSON.stringify([{ cell_type: "code", source: ["a = 1\n", "b = 2"], outputs: [] }]);
  assert.deepEqual(cellsIn(text), [plainCell("python", "a = 1\nb = 2")]);
});

test("anything else is no cells", () => {
  for (const text of ["", "x = [1]", "[1, 2]", "{}", '{"cells": []}', '{"cells": [{"cell_type": "video"}]}', "null", "[", '{"cells": 1}']) {
    assert.equal(cellsIn(text), null, text);
  }
  assert.equal(cellsIn(JSON.stringify([{ cell_type: "code", source: 1 }])), null);
});
