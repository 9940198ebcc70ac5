import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Command, Registry } from "./registry";

let ran: string[] = [];

function command(id: string, changes: Partial<Command> = {}): Command {
  return { id, title: id, section: "Cell", run: () => ran.push(id), ...changes };
}

const COMMANDS = [
  command("insert", { keys: ["b"], edits: true }),
  command("delete", { keys: ["d d"], edits: true }),
  command("next", { keys: ["j", "ArrowDown"] }),
  command("split", { textKeys: ["Mod+Shift+-"], edits: true }),
  command("palette", { pageKeys: ["Mod+k"] }),
  command("keys", { pageKeys: ["?"] }),
  command("busy", { isEnabled: () => false }),
];

describe("keys", () => {
  const registry = new Registry(COMMANDS, true);

  test("single keys are for cells alone", () => {
    assert.equal(registry.find(["b"], "cell")?.id, "insert");
    for (const place of ["text", "field", "dialog", "page"] as const) assert.equal(registry.find(["b"], place), undefined);
  });

  test("two strokes are one key, and one does nothing", () => {
    assert.equal(registry.find(["d"], "cell"), undefined);
    assert.equal(registry.find(["d d"], "cell")?.id, "delete");
    assert.ok(registry.begins("d", "cell"));
    assert.ok(!registry.begins("b", "cell"));
  });

  test("a sign is not eaten where people type, a chord works there too, and in dialogs nothing does", () => {
    assert.equal(registry.find(["?"], "cell")?.id, "keys");
    assert.equal(registry.find(["?"], "text"), undefined);
    assert.equal(registry.find(["?"], "field"), undefined);
    assert.equal(registry.find(["Mod+k"], "text")?.id, "palette");
    assert.equal(registry.find(["Mod+k"], "field")?.id, "palette");
    assert.equal(registry.find(["Mod+k"], "dialog"), undefined);
  });
});

describe("commands", () => {
  test("those who may not edit have fewer", () => {
    const registry = new Registry(COMMANDS, false);
    assert.deepEqual(registry.commands.map(({ id }) => id), ["next", "palette", "keys", "busy"]);
  });

  test("what cannot be done now is not", () => {
    const registry = new Registry(COMMANDS, true);
    ran = [];
    for (const id of ["busy", "next", "unknown"]) registry.run(id);
    assert.deepEqual(ran, ["next"]);
  });
});
