import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChangeSet } from "@codemirror/state";
import { ChangeLog } from "./change_log";

/** A log that inserted these texts at these positions, one version each. */
function logOf(...inserts: [clientId: string, from: number, insert: string][]): ChangeLog {
  const log = new ChangeLog();
  let length = 10;
  for (const [clientId, from, insert] of inserts) {
    log.add(clientId, ChangeSet.of({ from, insert }, length));
    length += insert.length;
  }
  return log;
}

describe("a position of an older version", () => {
  test("moves with what was inserted before it", () => {
    const log = logOf(["b", 2, "xx"], ["b", 9, "yyy"]);
    assert.equal(log.follow(5, 0, 2, "a"), 7);
    assert.equal(log.follow(5, 1, 2, "a"), 5);
    assert.equal(log.follow(5, 2, 2, "a"), 5);
  });

  test("goes on with what its own client types, and stays before what others do", () => {
    const log = logOf(["a", 5, "mine"], ["b", 9, "theirs"]);
    assert.equal(log.follow(5, 0, 2, "a"), 9);
    assert.equal(log.follow(5, 0, 2, "b"), 5);
    assert.equal(log.follow(5, 0, 2, null), 5);
  });

  test("is unknown if it is too old or too new", () => {
    const log = logOf(["b", 2, "xx"]);
    assert.equal(log.follow(5, 3, 4, "a"), 7);
    assert.equal(log.follow(5, 2, 4, "a"), null);
    assert.equal(log.follow(5, 5, 4, "a"), null);
  });

  test("that cannot be is the end of the text", () => {
    assert.equal(logOf(["b", 0, "x"]).follow(1e9, 0, 1, "a"), 11);
  });

  test("is unknown after very many edits", () => {
    const log = new ChangeLog();
    for (let version = 0; version < 1001; version++) log.add("b", ChangeSet.empty(10));
    assert.equal(log.follow(5, 1, 1001, "a"), 5);
    assert.equal(log.follow(5, 0, 1001, "a"), null);
  });
});
