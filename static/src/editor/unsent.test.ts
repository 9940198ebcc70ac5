import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { randomNumbers } from "../testing";
import { Server, Tab } from "./fake_server";
import { Unfit } from "./remote";
import type { Unsent } from "./unsent";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});

describe("what is kept", () => {
  test("is there before it is pushed, and gone when it is confirmed", async () => {
    const server = new Server("");
    const tab = new Tab(server, "a");
    tab.type("a");
    assert.deepEqual(tab.kept, { version: 0, updates: [[[0, "a"]]] });
    await tab.collaboration.flush();
    assert.equal(tab.kept, null);
  });

  test("is small however many keys were pressed", () => {
    const tab = new Tab(new Server("x"), "a");
    for (let key = 0; key < 100; key++) tab.type("ab"[key % 2] ?? "");
    tab.delete(0, 1);
    assert.deepEqual(tab.kept, { version: 0, updates: [[[1], [0, "ab".repeat(50)]]] });
  });

  test("has what was pushed one by one", async () => {
    const tab = new Tab(new Server(""), "a");
    tab.network = "loses the reply";
    tab.type("a");
    tab.type("b");
    await assert.rejects(tab.collaboration.flush());
    tab.type("c");
    tab.type("d");
    assert.deepEqual(tab.kept, { version: 0, updates: [[[0, "a"]], [1, [0, "b"]], [2, [0, "cd"]]] });
  });
});

describe("what an earlier page left", () => {
  async function leave(server: Server, network: Tab["network"]): Promise<Tab> {
    const earlier = new Tab(server, "earlier");
    earlier.network = network;
    earlier.type("1");
    earlier.type("2");
    await assert.rejects(earlier.collaboration.flush());
    earlier.type("3");
    earlier.type("4");
    earlier.collaboration.stop();
    return earlier;
  }

  test("is taken over", async () => {
    const server = new Server("x");
    const { leftover } = await leave(server, "down");
    const tab = new Tab(server, "b");
    assert.equal(await tab.collaboration.adopt(leftover), true);
    await tab.collaboration.flush();
    assert.equal(server.text, "x1234");
    assert.equal(tab.text, server.text);
  });

  test("is not doubled if the server had accepted it", async () => {
    const server = new Server("x");
    const { leftover } = await leave(server, "loses the reply");
    const tab = new Tab(server, "b");
    assert.equal(await tab.collaboration.adopt(leftover), true);
    await tab.collaboration.flush();
    assert.equal(server.text, "x1234");
    assert.equal(tab.text, server.text);
  });

  test("is not doubled if the server accepts it only now", async () => {
    const server = new Server("x");
    const { leftover } = await leave(server, "down");
    const tab = new Tab(server, "b");
    await tab.collaboration.adopt(leftover);
    server.push(0, "earlier", leftover.updates.slice(0, 2));
    await tab.collaboration.flush();
    assert.equal(server.text, "x1234");
    assert.equal(tab.text, server.text);
  });

  test("is not taken for what the same page typed since", async () => {
    const server = new Server("x");
    const { leftover } = await leave(server, "down");
    const tab = new Tab(server, "earlier");
    tab.type("new ", 0);
    assert.equal(await tab.collaboration.adopt(leftover), true);
    await tab.collaboration.flush();
    assert.equal(server.text, "new x1234");
    assert.equal(tab.text, server.text);
  });

  test("is nothing if the server had everything", async () => {
    const server = new Server("");
    const earlier = new Tab(server, "earlier");
    earlier.network = "loses the reply";
    earlier.type("once");
    await assert.rejects(earlier.collaboration.flush());
    const tab = new Tab(server, "b");
    assert.equal(await tab.collaboration.adopt(earlier.leftover), false);
    assert.equal(tab.text, "once");
  });

  test("goes where it was among what was typed since, here and by others", async () => {
    const server = new Server("(one)(two)");
    const earlier = new Tab(server, "earlier");
    earlier.network = "down";
    earlier.type("mine", 9);
    const other = new Tab(server, "c");
    for (const key of "abcdefg") {
      other.type(key, 1);
      await other.collaboration.flush();
    }
    const tab = new Tab(server, "b");
    tab.type("!");
    assert.equal(await tab.collaboration.adopt(earlier.leftover), true);
    tab.type("?");
    await tab.collaboration.flush();
    assert.equal(server.text, "(gfedcbaone)(twomine)!?");
    assert.equal(tab.text, server.text);
  });

  test("is there exactly once, however pages die and connections break", async () => {
    const random = randomNumbers(7);
    const server = new Server("");
    const typed: string[] = [];
    let pages = 0;
    const open = (): Tab => new Tab(server, `page ${pages++}`);
    const tabs = [open(), open(), open()];
    for (let step = 0; step < 600; step++) {
      const index = random(tabs.length);
      const tab = tabs[index] as Tab;
      const word = `<${step}>`;
      switch (random(5)) {
        case 0:
        case 1:
          tab.type(word, random(tab.text.length + 1));
          typed.push(word);
          break;
        case 2:
          tab.network = (["works", "down", "loses the reply"] as const)[random(3)] ?? "works";
          await tab.collaboration.flush().catch(() => {});
          break;
        case 3:
          tab.reconnect(`page ${pages++}`);
          await tab.collaboration.pull();
          break;
        case 4: {
          const next = (tabs[index] = open());
          tab.collaboration.stop();
          if (tab.kept) await next.collaboration.adopt(tab.leftover);
        }
      }
    }
    for (const tab of tabs) tab.reconnect(`page ${pages++}`);
    for (const tab of tabs) await tab.collaboration.flush();
    for (const tab of tabs) await tab.collaboration.pull();
    assert.deepEqual(tabs.map((tab) => tab.text), [server.text, server.text, server.text]);
    for (const character of "<>") assert.equal(server.text.split(character).length - 1, typed.length);
    const characters = (text: string): string => [...text].sort().join("");
    assert.equal(characters(server.text), characters(typed.join("")));
  });

  test("is refused as a whole if it does not fit", async () => {
    const server = new Server("short");
    const tab = new Tab(server, "b");
    const unfit = [
      { version: 0, updates: [[99, [0, "x"]]] },
      { version: 0, updates: [[5, [0, "x"]], [5, [0, "y"]]] },
      { version: 3, updates: [[5, [0, "x"]]] },
      { version: 0, updates: [["nonsense"]] },
    ] as unknown as Unsent[];
    for (const unsent of unfit) {
      await assert.rejects(tab.collaboration.adopt({ ...unsent, client_ids: [] }), Unfit);
    }
    assert.equal(tab.text, "short");
    assert.equal(tab.collaboration.hasUnsent, false);
  });
});
