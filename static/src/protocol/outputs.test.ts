import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fixtures } from "../testing";
import { applyOperations, type Outputs } from "./outputs";
import type { Output, OutputOperation } from "./types";

interface Fixture {
  readonly operations: OutputOperation[];
  readonly outputs: Output[];
}

const EMPTY: Outputs = { outputs: [], clearing: false };

describe("fixtures shared with Python", () => {
  for (const [name, { operations, outputs }] of fixtures<Fixture>("outputs")) {
    test(name, () => {
      assert.deepEqual(applyOperations(EMPTY, operations).outputs, outputs);
    });

    test(`${name}, one by one`, () => {
      const result = operations.reduce<Outputs>((before, operation) => applyOperations(before, [operation]), EMPTY);
      assert.deepEqual(result.outputs, outputs);
    });
  }
});
