import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fixtures } from "../testing";
import { applyOperations } from "./outputs";
import type { Output, OutputOperation } from "./types";

/** `operations` is what the kernel put out; `sent`, if it is not the same, what the server made of it. */
interface Fixture {
  readonly operations: OutputOperation[];
  readonly sent?: OutputOperation[];
  readonly outputs: Output[];
}

describe("fixtures shared with Python", () => {
  for (const [name, { operations, sent = operations, outputs }] of fixtures<Fixture>("outputs")) {
    test(name, () => {
      assert.deepEqual(applyOperations([], sent), outputs);
    });

    test(`${name}, one by one`, () => {
      const result = sent.reduce<Output[]>((before, operation) => applyOperations(before, [operation]), []);
      assert.deepEqual(result, outputs);
    });
  }
});
