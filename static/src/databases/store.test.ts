import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "./database";
import { DatabaseStore } from "./store";

const EMPTY: Database = { kind: "postgresql", schemas: [], is_complete: true, as_of: "" };

test("it is asked for once, until somebody wants it fresh", async () => {
  const asked: string[] = [];
  const store = new DatabaseStore(async (id, isFresh) => {
    asked.push(`${id} ${isFresh}`);
    return EMPTY;
  });
  assert.equal(store.known("a"), null);
  await Promise.all([store.database("a"), store.database("a"), store.database("b")]);
  assert.deepEqual(asked, ["a false", "b false"]);
  assert.equal(store.known("a"), EMPTY);
  await store.database("a", true);
  assert.deepEqual(asked, ["a false", "b false", "a true"]);
});

test("a failure is not asked about at every key, and what was known stays", async () => {
  let asked = 0;
  let works = true;
  const store = new DatabaseStore(async () => {
    asked += 1;
    if (!works) throw new Error("no way");
    return EMPTY;
  });
  await store.database("a");
  works = false;
  await assert.rejects(store.database("a", true), /no way/);
  await assert.rejects(store.database("a"), /no way/);
  assert.equal(asked, 2);
  assert.equal(store.known("a"), EMPTY);
});
