import assert from "node:assert/strict";
import { test } from "node:test";

import { parentOf, stepsTo } from "./paths";
import { codeToRead, nameFor } from "./reading";

test("a name of Python's for every file", () => {
  const names = ["data/Sales 2024.csv", "2024.csv", "class.csv", "día.csv", "___.csv", "pd.parquet", "noending", ".csv"];
  assert.deepEqual(names.map(nameFor), ["sales_2024", "df_2024", "df_class", "d_a", "df", "df_pd", "noending", "df"]);
});

test("how each kind of file is read", () => {
  assert.equal(codeToRead('a "b".csv'), 'import pandas as pd\n\na_b = pd.read_csv("a \\"b\\".csv")\na_b');
  assert.match(codeToRead("x.TSV") ?? "", /sep="\\t"/);
  assert.match(codeToRead("in/x.parquet") ?? "", /duckdb.read_parquet\("in\/x.parquet"\).df\(\)/);
  assert.match(codeToRead("x.xlsx") ?? "", /read_excel/);
  assert.match(codeToRead("x.jsonl") ?? "", /lines=True/);
  assert.equal(codeToRead("x.png"), null);
});

test("the way to a folder", () => {
  assert.deepEqual(stepsTo("a/b"), [
    { name: "a", path: "a" },
    { name: "b", path: "a/b" },
  ]);
  assert.deepEqual(stepsTo(""), []);
  assert.equal(parentOf("a/b.csv"), "a");
  assert.equal(parentOf("b.csv"), "");
});
