import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { afterAnswer, afterNews, cellsOf, NO_ACTIVITY, standing } from "./activity";
import { frame, tool, turn } from "./testing";

const NUMBERS = new Map([["aaaa1111-0000", 1], ["bbbb2222-0000", 2]]);
const edits = (cell_id: string) => tool("call", { name: "edit_cell", input: { cell_id }, status: "started" });

describe("where the assistant works", () => {
  test("is the cell of the last tool, by how its id begins, until the turn ends", () => {
    let activity = afterNews(NO_ACTIVITY, frame("t", 0, { type: "tool_start", block: 0, tool: edits("aaaa1111") }));
    assert.deepEqual([...cellsOf(activity, NUMBERS)], ["aaaa1111-0000"]);
    activity = afterNews(activity, frame("t", 1, { type: "tool_start", block: 1, tool: edits("[bbbb2222]") }));
    assert.deepEqual([...cellsOf(activity, NUMBERS)], ["bbbb2222-0000"]);
    activity = afterNews(activity, frame("t", 2, { type: "done", status: "done" }));
    assert.deepEqual([...cellsOf(activity, NUMBERS)], []);
  });

  test("is nowhere for a cell that is gone or an id that is too short", () => {
    for (const id of ["cccc3333", "a", ""]) {
      const activity = afterNews(NO_ACTIVITY, frame("t", 0, { type: "tool_start", block: 0, tool: edits(id) }));
      assert.deepEqual([...cellsOf(activity, NUMBERS)], []);
    }
  });
});

describe("how the turns stand", () => {
  test("one that waits for somebody comes before those that go on", () => {
    let activity = afterNews(NO_ACTIVITY, { type: "turn_created", turn: turn("t") });
    assert.equal(standing(activity), "working");
    activity = afterNews(activity, { type: "turn_updated", turn: turn("u", { status: "waiting" }) });
    assert.equal(standing(activity), "waiting");
    for (const id of ["t", "u"]) activity = afterNews(activity, { type: "turn_updated", turn: turn(id, { status: "failed" }) });
    assert.equal(standing(activity), "");
  });
});

describe("what went on before the page listened", () => {
  const unfinished = (id: string, cellId: string) => ({ ...turn(id, { status: "waiting" }), tool: edits(cellId) });

  test("is shown", () => {
    const activity = afterAnswer(NO_ACTIVITY, [unfinished("t", "aaaa1111"), { ...turn("u"), tool: null }]);
    assert.deepEqual([...cellsOf(activity, NUMBERS)], ["aaaa1111-0000"]);
    assert.equal(standing(activity), "waiting");
  });

  test("is behind what was told meanwhile", () => {
    let activity = afterNews(NO_ACTIVITY, frame("t", 3, { type: "tool_start", block: 1, tool: edits("bbbb2222") }));
    activity = afterNews(activity, { type: "turn_updated", turn: turn("u", { status: "done" }) });
    activity = afterAnswer(activity, [unfinished("t", "aaaa1111"), unfinished("u", "aaaa1111")]);
    assert.deepEqual([...cellsOf(activity, NUMBERS)], ["bbbb2222-0000"]);
    assert.deepEqual([...activity.turns.keys()], ["t"]);
  });
});
