import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PresenceEntry, PresenceMessage, Selection } from "../protocol/types";
import { clientsByCell, hear, NOBODY, peopleOf, type Present, withoutSilent } from "./present";

const FORGET_AFTER_MS = 8000;

function entry(clientId: string, label: string, cellId: string | null = null, selection: Selection | null = null) {
  return { client_id: clientId, actor: { kind: "user", label }, cell_id: cellId, selection };
}

function message(here: PresenceEntry[], gone: string[] = []): PresenceMessage {
  return { type: "presence", here, gone };
}

function heard(before: Present, what: PresenceMessage, nowMs = 0): Present {
  return hear(before, what, (clientId) => clientId.startsWith("own"), nowMs);
}

describe("who is here", () => {
  test("is everybody else, each tab once", () => {
    const first = heard(NOBODY, message([entry("own-1", "me"), entry("b", "bob", "x")]));
    const present = heard(first, message([entry("b", "bob", "y"), entry("a", "ada")]));
    assert.deepEqual(peopleOf(present), [
      { label: "ada", cell_id: null },
      { label: "bob", cell_id: "y" },
    ]);
  });

  test("is nobody who is gone", () => {
    const present = heard(NOBODY, message([entry("a", "ada"), entry("b", "bob")]));
    assert.deepEqual([...heard(present, message([], ["a", "unknown"])).keys()], ["b"]);
  });

  test("is nobody who was not heard of for long", () => {
    const first = heard(NOBODY, message([entry("a", "ada"), entry("b", "bob")]), 0);
    const present = heard(first, message([entry("b", "bob")]), 3000);
    assert.equal(withoutSilent(present, FORGET_AFTER_MS - 1), present);
    assert.deepEqual([...withoutSilent(present, FORGET_AFTER_MS).keys()], ["b"]);
  });
});

describe("a person with several tabs", () => {
  test("is one, where they last moved", () => {
    const first = heard(NOBODY, message([entry("a1", "ada", "x")]), 0);
    const second = heard(first, message([entry("a2", "ada", "y")]), 1000);
    assert.deepEqual(peopleOf(second), [{ label: "ada", cell_id: "y" }]);
    const repeated = heard(second, message([entry("a1", "ada", "x"), entry("a2", "ada", "y")]), 2000);
    assert.deepEqual(peopleOf(repeated), [{ label: "ada", cell_id: "y" }]);
    const typing = { version: 1, anchor: 0, head: 5 };
    const moved = heard(repeated, message([entry("a1", "ada", "x", typing)]), 3000);
    assert.deepEqual(peopleOf(moved), [{ label: "ada", cell_id: "x" }]);
  });

  test("has a cursor in each", () => {
    const here = [entry("b", "bob", "x"), entry("a2", "ada", "x"), entry("a1", "ada", "x"), entry("c", "eve", "y")];
    const byCell = clientsByCell(heard(NOBODY, message([...here, entry("d", "joe")])));
    const ids = [...byCell].map(([cellId, clients]) => [cellId, clients.map((client) => client.client_id)]);
    assert.deepEqual(ids, [
      ["x", ["a2", "a1", "b"]],
      ["y", ["c"]],
    ]);
  });
});
