import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChangeSet, Text } from "@codemirror/state";
import type { Update } from "../protocol/types";
import { type Leftover, rebase } from "./unsent";
import { Unfit } from "./remote";

const LEFT: Leftover = { version: 0, client_ids: ["mine"], updates: [[2, [0, "A"]], [3, [0, "B"]]] };

/** The text after what the server accepted and what is then left of LEFT, on "xy". */
function outcome(...accepted: Update[]): string {
  const server = accepted.reduce((text, { changes }) => apply(text, changes), "xy");
  return rebase(LEFT, accepted, server.length).reduce((text, changes) => apply(text, changes.toJSON()), server);
}

function apply(text: string, changes: unknown): string {
  return ChangeSet.fromJSON(changes).apply(Text.of(text.split("\n"))).toString();
}

describe("what a page left", () => {
  test("is all done again where the server has none of it", () => {
    assert.equal(outcome({ client_id: "other", changes: [[0, "o"], 2] }), "oxyAB");
  });

  test("is not repeated where the server has it", () => {
    const first = { client_id: "mine", changes: [2, [0, "A"]] } as const;
    const second = { client_id: "mine", changes: [3, [0, "B"]] } as const;
    assert.equal(outcome(first), "xyAB");
    assert.equal(outcome(first, second), "xyAB");
    assert.equal(outcome(first, second, { client_id: "other", changes: [4, [0, "o"]] }), "xyABo");
  });

  test("is not taken for what the same page has typed in the cell since", () => {
    assert.equal(outcome({ client_id: "mine", changes: [[0, "new "], 2] }), "new xyAB");
  });

  test("that does not fit is refused", () => {
    assert.throws(() => rebase({ ...LEFT, updates: [[7]] }, [], 2), Unfit);
  });
});
