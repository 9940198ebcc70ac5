import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isChord, labelText, type Pressed, strokesOf } from "./strokes";

function pressed(key: string, changes: Partial<Pressed> = {}): Pressed {
  return { key, code: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...changes };
}

describe("what was pressed", () => {
  test("letters are small, and Shift is said", () => {
    assert.deepEqual(strokesOf(pressed("d"), false), ["d"]);
    assert.deepEqual(strokesOf(pressed("M", { shiftKey: true }), false), ["Shift+m"]);
    assert.deepEqual(strokesOf(pressed("P", { shiftKey: true, ctrlKey: true }), false), ["Mod+Shift+p"]);
  });

  test("a sign is what it says, and what its key says without Shift", () => {
    assert.deepEqual(strokesOf(pressed("?", { shiftKey: true }), false), ["?"]);
    const split = pressed("_", { code: "Minus", shiftKey: true, ctrlKey: true });
    assert.deepEqual(strokesOf(split, false), ["Mod+_", "Mod+Shift+-"]);
  });

  test("Mod is Cmd on a Mac, where Ctrl is another", () => {
    assert.deepEqual(strokesOf(pressed("k", { metaKey: true }), true), ["Mod+k"]);
    assert.deepEqual(strokesOf(pressed("k", { ctrlKey: true }), true), ["Ctrl+k"]);
    assert.deepEqual(strokesOf(pressed("k", { metaKey: true }), false), []);
  });

  test("modifiers alone are nothing", () => {
    assert.deepEqual(strokesOf(pressed("Shift", { shiftKey: true }), false), []);
  });

  test("a Russian keyboard has the letters at their places", () => {
    assert.deepEqual(strokesOf(pressed("о", { code: "KeyJ" }), false), ["j"]);
    assert.deepEqual(strokesOf(pressed("é", { code: "Digit2" }), false), ["é"]);
  });
});

test("what people read", () => {
  assert.equal(labelText("Mod+Shift+p", false), "Ctrl+Shift+P");
  assert.equal(labelText("Mod+Shift+p", true), "⌘ ⇧ P");
  assert.equal(labelText("d d", false), "D D");
  assert.equal(labelText("Mod+Shift+-", false), "Ctrl+Shift+−");
  assert.equal(labelText("Alt+Shift+ArrowUp", false), "Alt+Shift+↑");
});

test("chords type nothing", () => {
  assert.ok(isChord("Mod+k") && isChord("Alt+Enter"));
  assert.ok(!isChord("?") && !isChord("Shift+Enter"));
});
