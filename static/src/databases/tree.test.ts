import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "./database";
import { type Branch, MAX_ROWS, parentOf, type Row, rowsOf } from "./tree";

const column = (name: string) => ({ name, written: `"${name}"`, type: "text" });
const table = (name: string, ...columns: string[]) => ({
  ...{ name, written: `"${name}"`, kind: "table" as const },
  columns: columns.map(column),
});
const shop: Database = {
  kind: "postgresql",
  schemas: [
    { name: "public", written: "public", is_default: true, tables: [table("orders", "id", "Customer"), table("people", "id")] },
    { name: "zoo", written: "zoo", is_default: false, tables: [table("animals", "name")] },
  ],
  is_complete: true,
  as_of: "2024-05-06T07:08:09Z",
};
const source = (id: string) => ({ id, name: `the ${id}`, kind: "postgresql", owner: "ana", is_shared: true });
const branches: Branch[] = [
  { source: source("shop"), database: shop, note: "" },
  { source: source("other"), database: null, note: "It is asked…" },
];

const drawn = (rows: readonly Row[]): string[] => rows.map(({ level, label }) => `${" ".repeat(level - 1)}${label}`);

test("what is closed is not shown", () => {
  const { rows, isCut } = rowsOf(branches, new Set(), "");
  assert.deepEqual(drawn(rows), ["the shop", "the other"]);
  assert.equal(isCut, false);
  assert.deepEqual([rows[1]?.detail, rows[0]?.asOf], ["It is asked…", shop.as_of]);
});

test("what people opened is shown, and only in what is open itself", () => {
  const open = new Set(["shop", "shop\0public", "shop\0public\0orders", "shop\0zoo\0animals"]);
  const { rows } = rowsOf(branches, open, "");
  assert.deepEqual(drawn(rows), ["the shop", " public", "  orders", "   id", "   Customer", "  people", " zoo", "the other"]);
  assert.deepEqual(rows.map(({ isOpen }) => isOpen), [true, true, true, null, null, false, false, false]);
  assert.deepEqual([rows[1]?.written, rows[2]?.written, rows[3]?.detail], ["", '"orders"', "text"]);
});

test("a search opens what has it in its name, whatever its case, and keeps the way there", () => {
  assert.deepEqual(drawn(rowsOf(branches, new Set(), " CUSTOMER").rows), ["the shop", " public", "  orders", "   Customer", "the other"]);
  assert.deepEqual(drawn(rowsOf(branches, new Set(), "anim").rows), ["the shop", " zoo", "  animals", "the other"]);
  assert.equal(rowsOf(branches, new Set(), "anim").rows[2]?.written, 'zoo."animals"');
  const all = new Set(["shop\0public\0orders"]);
  assert.deepEqual(drawn(rowsOf(branches, all, "customer").rows).slice(2, 5), ["  orders", "   id", "   Customer"]);
});

test("of too many rows the first are shown", () => {
  const tables = Array.from({ length: MAX_ROWS + 10 }, (_, number) => table(`t${number}`));
  const large: Database = { ...shop, schemas: [{ name: "public", written: "public", is_default: true, tables }] };
  const { rows, isCut } = rowsOf([{ source: source("a"), database: large, note: "" }], new Set(["a", "a\0public"]), "");
  assert.deepEqual([rows.length, isCut], [MAX_ROWS, true]);
});

test("the key of what a row is in", () => {
  assert.deepEqual([parentOf("shop\0public\0orders"), parentOf("shop")], ["shop\0public", ""]);
});
