import assert from "node:assert/strict";
import { test } from "node:test";
import { CompletionContext } from "@codemirror/autocomplete";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { EditorState } from "@codemirror/state";
import { sqlOffers } from "./completion";
import type { Database } from "./database";
import { databaseOf } from "./dataframes";

const column = (name: string, written = name) => ({ name, written, type: "text" });
const shop: Database = {
  kind: "postgresql",
  schemas: [
    {
      ...{ name: "public", written: "public", is_default: true },
      tables: [{ name: "order", written: '"order"', kind: "table", columns: [column("id"), column("Größe", '"Größe"')] }],
    },
    {
      ...{ name: "a.b", written: '"a.b"', is_default: false },
      tables: [{ name: "__proto__", written: "__proto__", kind: "view", columns: [column("name")] }],
    },
  ],
  is_complete: true,
  as_of: "",
};

/** What is offered at the end of the text, as `label -> what is written`. */
async function offered(text: string, database: () => Promise<Database | null>): Promise<Record<string, string>> {
  const state = EditorState.create({ doc: text, extensions: [sql({ dialect: PostgreSQL })] });
  const context = new CompletionContext(state, text.length, true);
  const results = await Promise.all(sqlOffers(() => true, database).map((source) => source(context)));
  const options = results.flatMap((result) => result?.options ?? []);
  return Object.fromEntries(options.map(({ label, apply }) => [label, String(apply ?? label)]));
}

test("tables of the default schema, other schemas, and words", async () => {
  const found = await offered("SELECT * FROM ", async () => shop);
  assert.equal(found["order"], '"order"');
  assert.equal(found["a.b"], '"a.b"');
  assert.equal(found["WHERE"], "WHERE");
  assert.equal(found["name"], undefined);
});

test("columns of a table, also by another name, and tables of a schema", async () => {
  const columns = { id: "id", Größe: '"Größe"' };
  assert.deepEqual(await offered('SELECT "order".', async () => shop), columns);
  assert.deepEqual(await offered('SELECT 1 FROM "order" AS o WHERE o.', async () => shop), columns);
  assert.deepEqual(await offered('SELECT 1 FROM "a.b".', async () => shop), { ["__proto__"]: "__proto__" });
});

test("a file of SQLite is written as SQLite is", async () => {
  const columns = { id: "id", Größe: '"Größe"' };
  assert.deepEqual(await offered('SELECT 1 FROM "order" AS o WHERE o.', async () => ({ ...shop, kind: "sqlite" })), columns);
});

test("without a database that answers there are words", async () => {
  for (const nothing of [() => Promise.reject(new Error("no way")), async () => null]) {
    const found = await offered("SELECT * FR", nothing);
    assert.equal(found["FROM"], "FROM");
    assert.equal(found["order"], undefined);
  }
});

test("dataframes are tables, and other variables are none", async () => {
  const variable = (name: string, type: string) => ({ name, type, shape: "", size_bytes: null, preview: "", cell_id: null, is_changed: false });
  const variables = [variable("cities", "DataFrame"), variable("lazy", "polars.LazyFrame"), variable("count", "int"), variable("t", "Table")];
  const found = await offered("SELECT * FROM ", async () => databaseOf(variables));
  assert.deepEqual(["cities", "lazy", "t", "count"].map((name) => name in found), [true, true, true, false]);
});
