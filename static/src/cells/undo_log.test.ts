import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { type Step, together, UndoLog } from "./undo_log";

let text: string;
let log: UndoLog;

/** A step that adds a letter at the end, and whose inverse takes it away. */
function adding(letter: string): Step {
  return async () => {
    text += letter;
    return removing(letter);
  };
}

function removing(letter: string): Step {
  return async () => {
    if (!text.endsWith(letter)) throw new Error("somebody was there");
    text = text.slice(0, -letter.length);
    return adding(letter);
  };
}

async function add(...letters: string[]): Promise<void> {
  log.record(await together(letters.map(adding))());
}

beforeEach(() => {
  text = "";
  log = new UndoLog();
});

describe("the log", () => {
  test("goes back and forth", async () => {
    await add("a");
    await add("b");
    await log.undo();
    assert.equal(text, "a");
    await log.undo();
    assert.equal(text, "");
    await log.redo();
    await log.redo();
    assert.equal(text, "ab");
    await log.undo();
    assert.equal(text, "a");
  });

  test("takes back from the last to the first what is one", async () => {
    await add("a", "b", "c");
    assert.equal(text, "abc");
    await log.undo();
    assert.equal(text, "");
    await log.redo();
    assert.equal(text, "abc");
  });

  test("cannot do again what came before something new", async () => {
    await add("a");
    await log.undo();
    await add("b");
    assert.ok(!log.canRedo);
  });

  test("does not try again what could not be taken back", async () => {
    await add("a");
    await add("b");
    text = "ax";
    await assert.rejects(log.undo());
    text = "a";
    await log.undo();
    assert.equal(text, "");
    assert.ok(!log.canUndo);
  });

  test("forgets what was taken back by other means", async () => {
    const step = await adding("a")();
    log.record(step);
    log.forget(step as Step);
    assert.ok(!log.canUndo);
  });
});
