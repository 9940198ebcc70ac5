import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Dependencies } from "../protocol/dependencies";
import type { Cell, CellDependencies, Cycle, StaleReason } from "../protocol/types";
import { cell, dependent } from "../testing";
import { type Notice, noticesOf, type Piece } from "./notices";

function known(cells: Record<string, CellDependencies>, cycles: Cycle[] = []): Dependencies {
  return { cells: new Map(Object.entries(cells)), cycles };
}

function words(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === "string" ? piece : `[${piece.cell_id}]`)).join("");
}

function said(shown: Cell, dependencies: Dependencies): string[] {
  return noticesOf(shown, dependencies).map(({ tone, headline, reason }: Notice) => {
    return [tone, words(headline), words(reason)].filter(Boolean).join(" | ");
  });
}

const stale = (reason: StaleReason): Dependencies => known({ a: dependent({ stale: reason }) });

describe("stale cells", () => {
  test("say why", () => {
    const reason = (changes: StaleReason): string[] => said(cell("a", { status: "ok" }), stale(changes));
    assert.deepEqual(reason({ reason: "source_changed" }), ["stale | Stale | edited since it ran"]);
    assert.deepEqual(reason({ reason: "interrupted" }), ["stale | Stale | it was stopped midway"]);
    assert.deepEqual(reason({ reason: "input_changed", name: "x" }), ["stale | Stale | x has changed since it ran"]);
    assert.deepEqual(reason({ reason: "binding_lost", name: "x" }), [
      "stale | Stale | another cell has overwritten its x since",
    ]);
    assert.deepEqual(reason({ reason: "producer_stale", name: "x", cell_id: "b" }), [
      "stale | Stale | it reads x from [b], which is stale",
    ]);
    assert.deepEqual(reason({ reason: "never_ran" }), ["never_ran | Not run yet | not in this kernel"]);
  });

  test("say nothing while they wait or run", () => {
    for (const status of ["queued", "running"] as const) {
      assert.deepEqual(said(cell("a", { status, blocked_by: "b" }), stale({ reason: "source_changed" })), []);
    }
  });
});

test("a blocked cell names the one that failed, if it is known", () => {
  const blocked = cell("a", { status: "blocked", blocked_by: "b" });
  assert.deepEqual(said(blocked, known({})), ["blocked | Did not run: [b] failed"]);
  assert.deepEqual(said({ ...blocked, blocked_by: null }, known({})), [
    "blocked | Did not run: a cell that it needs failed",
  ]);
});

describe("cells that never run", () => {
  test("are disabled, or need one that is", () => {
    assert.match(said(cell("a", { is_disabled: true }), known({})).join(), /^disabled \| Disabled/);
    const needs = known({ a: dependent({ obstacle: { kind: "disabled", cell_id: "b" }, stale: null }) });
    assert.deepEqual(said(cell("a"), needs), ["disabled | Does not run: it needs [b], which is disabled"]);
  });

  test("are in a cycle, told from their place in it", () => {
    const obstacle = { kind: "cycle", cell_id: "b" } as const;
    const cycle = { cell_ids: ["a", "b", "c"], names: ["x", "y"] };
    const dependencies = known({ b: dependent({ obstacle }), d: dependent({ obstacle }) }, [cycle]);
    assert.deepEqual(said(cell("b"), dependencies), ["cycle | Needs itself: [b] → [c] → [a] → [b], by x, y"]);
    assert.deepEqual(said(cell("d"), dependencies), ["cycle | Does not run: it needs [b], which needs itself"]);
  });

  test("say nothing of their last run", () => {
    const obstacle = { kind: "disabled", cell_id: "b" } as const;
    const blocked = cell("a", { status: "blocked", blocked_by: "b" });
    assert.equal(said(blocked, known({ a: dependent({ obstacle }) })).length, 1);
  });

  test("do not say it any more once they are enabled", () => {
    assert.deepEqual(said(cell("a"), known({ a: dependent({ obstacle: { kind: "disabled", cell_id: "a" } }) })), []);
  });
});

test("a text that cannot be read is told, and so are warnings", () => {
  const dependencies = known({ a: dependent({ error: "line 2: invalid syntax", warnings: ["import * hides names"] }) });
  assert.deepEqual(said(cell("a"), dependencies), [
    "unreadable | line 2: invalid syntax",
    "warning | import * hides names",
  ]);
});

test("a cell of which nothing is known says nothing", () => {
  assert.deepEqual(said(cell("a"), known({})), []);
});
