import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import type { Whereabouts } from "../protocol/types";
import { Announcer, type Surroundings } from "./announcer";

const MOVED_MS = 100;
const DRIFTED_MS = 2000;
const NOWHERE: Surroundings = { cell_id: null, selection: null, isTyping: false };

let now: Surroundings;
let told: Whereabouts[];
let announcer: Announcer;

function at(cellId: string, head: number, version = 1): Surroundings {
  return { cell_id: cellId, selection: { version, anchor: head, head }, isTyping: false };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  now = NOWHERE;
  told = [];
  announcer = new Announcer({ look: () => now, tell: (whereabouts) => told.push(whereabouts) });
});

describe("where we are", () => {
  test("is told ten times a second at most, as it is then", () => {
    for (let head = 0; head < 20; head++) {
      now = at("a", head);
      announcer.moved();
      mock.timers.tick(25);
    }
    assert.deepEqual(told.map((each) => each.selection?.head), [3, 7, 11, 15, 19]);
  });

  test("is not told twice", () => {
    now = at("a", 1);
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    assert.equal(told.length, 1);
  });

  test("is told again on a new connection", () => {
    now = at("a", 1);
    announcer.reconnected();
    mock.timers.tick(0);
    announcer.reconnected();
    mock.timers.tick(0);
    assert.equal(told.length, 2);
  });

  test("is told once in a while when others edit", () => {
    now = at("a", 1);
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    for (let version = 2; version < 50; version++) {
      now = at("a", 1, version);
      announcer.drifted();
      mock.timers.tick(MOVED_MS);
    }
    assert.equal(told.length, 1 + Math.floor((48 * MOVED_MS) / DRIFTED_MS));
  });
});

describe("while we type", () => {
  test("the position waits for the text", () => {
    now = at("a", 1);
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    now = { ...now, selection: null, isTyping: true };
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    now = at("a", 2, 2);
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    assert.deepEqual(told.map((each) => each.selection?.head), [1, 2]);
  });

  test("another cell does not", () => {
    now = at("a", 1);
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    now = { cell_id: "b", selection: null, isTyping: true };
    announcer.moved();
    mock.timers.tick(MOVED_MS);
    assert.deepEqual(told.at(-1), { cell_id: "b", selection: null });
  });
});
