import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Dependencies } from "../protocol/dependencies";
import { dependent } from "../testing";
import { indexOf, relativesOf, sharedNames, writtenBy } from "./connections";

// a writes x and y; b reads both and writes z; c reads z and writes x again; d reads that x.
const dependencies: Dependencies = {
  cells: new Map([
    ["a", dependent({ writes: ["x", "y"] })],
    ["b", dependent({ reads: { x: "a", y: "a" }, writes: ["z"] })],
    ["c", dependent({ reads: { z: "b" }, writes: ["x"] })],
    ["d", dependent({ reads: { x: "c" } })],
  ]),
  cycles: [],
};
const numbers = new Map([["a", 1], ["text", 2], ["b", 3], ["c", 4], ["d", 5]]);
const index = indexOf(dependencies, numbers);

describe("an index", () => {
  test("has an edge for each pair of cells, with all its names", () => {
    assert.deepEqual(index.edges, [
      { from: "a", to: "b", names: ["x", "y"] },
      { from: "b", to: "c", names: ["z"] },
      { from: "c", to: "d", names: ["x"] },
    ]);
  });

  test("leaves out cells that are not in the notebook", () => {
    const without = indexOf(dependencies, new Map([["b", 1], ["c", 2]]));
    assert.deepEqual(without.edges, [{ from: "b", to: "c", names: ["z"] }]);
  });
});

test("written names have their readers, and the cells that write them too", () => {
  assert.deepEqual(writtenBy("a", dependencies, index), [
    { name: "x", readers: ["b"], others: ["c"] },
    { name: "y", readers: ["b"], others: [] },
  ]);
  assert.deepEqual(writtenBy("unknown", dependencies, index), []);
});

test("shared names are those that several cells write", () => {
  assert.deepEqual(sharedNames(index), [["x", ["a", "c"]]]);
});

describe("relatives", () => {
  test("are told near from far", () => {
    assert.deepEqual(relativesOf("c", index), {
      producers: ["b"],
      indirectProducers: ["a"],
      dependents: ["d"],
      indirectDependents: [],
    });
  });

  test("of a cell in a cycle do not hold the cell itself", () => {
    const round: Dependencies = {
      cells: new Map([
        ["a", dependent({ reads: { y: "b" }, writes: ["x"] })],
        ["b", dependent({ reads: { x: "a", y: "b" }, writes: ["y"] })],
      ]),
      cycles: [],
    };
    const { producers, dependents } = relativesOf("a", indexOf(round, numbers));
    assert.deepEqual([producers, dependents], [["b"], ["b"]]);
  });
});
