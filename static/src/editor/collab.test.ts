import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { randomNumbers } from "../testing";
import { Server, Tab } from "./fake_server";
import { Refused, StaleVersion } from "./remote";

const PUSH_DELAY_MS = 60;
const RETRY_MS = 10_000;

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});

describe("one tab", () => {
  test("what is typed reaches the server", async () => {
    const server = new Server("x");
    const tab = new Tab(server, "a");
    tab.type(" = 1");
    tab.type("0");
    await tab.collaboration.flush();
    assert.equal(server.text, "x = 10");
    assert.equal(server.pushes, 1);
    assert.equal(tab.collaboration.hasUnsent, false);
  });

  test("its own event before the reply or after it changes nothing", async () => {
    const server = new Server("");
    const tab = new Tab(server, "a");
    tab.type("x");
    const sent = tab.collaboration.flush();
    tab.hear(0);
    await sent;
    tab.hear(0);
    assert.equal(tab.text, "x");
    assert.equal(tab.collaboration.version, 1);
  });

  test("there is one push in flight", async () => {
    const server = new Server("");
    const tab = new Tab(server, "a");
    tab.type("1");
    const first = tab.collaboration.flush();
    tab.type("2");
    await Promise.all([first, tab.collaboration.flush(), tab.collaboration.flush()]);
    assert.equal(server.text, "12");
    assert.equal(server.pushes, 2);
  });
});

describe("two tabs", () => {
  test("the slower one rebases and both end with the same text", async () => {
    const server = new Server("hello");
    const [one, two] = [new Tab(server, "a"), new Tab(server, "b")];
    one.type("A", 0);
    two.type("B");
    await one.collaboration.flush();
    await two.collaboration.flush();
    one.hear(1);
    assert.equal(server.text, "AhelloB");
    assert.equal(one.text, server.text);
    assert.equal(two.text, server.text);
  });

  test("a hole before an event is filled by asking", async () => {
    const server = new Server("");
    const [one, two] = [new Tab(server, "a"), new Tab(server, "b")];
    for (const text of ["1", "2", "3"]) {
      one.type(text);
      await one.collaboration.flush();
    }
    two.hear(2);
    await settled();
    assert.equal(two.text, "123");
  });

  test("random typing converges", async () => {
    const random = randomNumbers(11);
    const server = new Server("start");
    const tabs = ["a", "b", "c"].map((id) => new Tab(server, id));
    for (let round = 0; round < 300; round++) {
      const tab = tabs[random(3)] as Tab;
      const from = random(tab.text.length + 1);
      const deletes = random(3) === 0 && from < tab.text.length;
      if (deletes) tab.delete(from, from + 1);
      else tab.type("xyz\n"[random(4)] ?? "", from);
      if (random(2) === 0) await tab.collaboration.flush();
      const other = tabs[random(3)] as Tab;
      if (random(2) === 0) other.hear(other.collaboration.version);
    }
    for (const tab of tabs) await tab.collaboration.flush();
    for (const tab of tabs) await tab.collaboration.pull();
    assert.deepEqual(tabs.map((tab) => tab.text), [server.text, server.text, server.text]);
  });
});

describe("two editors of one page, one after the other", () => {
  test("are two: what the first had still sent is not what the second has typed", async () => {
    const server = new Server("x");
    const [first, second] = [new Tab(server, "a"), new Tab(server, "a")];
    first.type(" from the first");
    second.type("from the second ", 0);
    await first.collaboration.flush();
    second.hear(0);
    await second.collaboration.flush();
    assert.equal(server.text, "from the second x from the first");
    assert.equal(second.text, server.text);
  });
});

describe("pushing", () => {
  test("waits a little for more, but not for the end of the typing", async () => {
    const server = new Server("");
    const tab = new Tab(server, "a");
    for (const key of "abcd") {
      tab.type(key);
      mock.timers.tick(PUSH_DELAY_MS / 3);
    }
    await settled();
    assert.equal(server.text, "abcd");
    assert.equal(server.pushes, 2);
  });

  test("what others deleted too changes nothing and is not pushed by itself", async () => {
    const text = "x".repeat(600);
    const server = new Server(text);
    const [one, two] = [new Tab(server, "a"), new Tab(server, "b")];
    for (const _ of text) one.delete(0, 1);
    two.delete(0, 600);
    await two.collaboration.flush();
    one.hear(0);
    assert.deepEqual([one.collaboration.hasUnsent, one.kept], [false, null]);
    await one.collaboration.flush();
    assert.equal(server.pushes, 1);
    one.type("!");
    await one.collaboration.flush();
    assert.equal(server.text, "!");
    assert.equal(one.collaboration.version, server.version);
  });
});

describe("a broken connection", () => {
  test("what is typed meanwhile is pushed after", async () => {
    const server = new Server("");
    const [tab, other] = [new Tab(server, "a"), new Tab(server, "b")];
    tab.network = "down";
    tab.type("mine");
    await assert.rejects(tab.collaboration.flush());
    other.type("theirs ");
    await other.collaboration.flush();
    tab.reconnect("a2");
    await tab.collaboration.pull();
    assert.equal(server.text.includes("mine") && server.text.includes("theirs"), true);
    assert.equal(tab.text, server.text);
  });

  test("a push that was accepted although the reply was lost is not repeated", async () => {
    const server = new Server("");
    const tab = new Tab(server, "a");
    tab.network = "loses the reply";
    tab.type("once");
    await assert.rejects(tab.collaboration.flush());
    tab.reconnect("a2");
    tab.type("!");
    await tab.collaboration.flush();
    assert.equal(server.text, "once!");
    assert.equal(tab.text, "once!");
  });

  test("is noticed and told once, and the push is repeated by itself", async () => {
    const server = new Server("");
    const tab = new Tab(server, "a");
    tab.network = "down";
    tab.type("x");
    mock.timers.tick(PUSH_DELAY_MS);
    await settled();
    mock.timers.tick(RETRY_MS);
    await settled();
    assert.equal(tab.failures.length, 1);
    tab.reconnect("a2");
    mock.timers.tick(RETRY_MS);
    await settled();
    assert.equal(server.text, "x");
    assert.equal(tab.kept, null);
  });

  test("ends nothing that a closed editor still had", async () => {
    const tab = new Tab(new Server(""), "a");
    tab.network = "down";
    tab.type("x");
    tab.collaboration.stop();
    mock.timers.tick(RETRY_MS);
    await settled();
    assert.deepEqual(tab.failures, []);
    assert.equal(tab.kept?.updates.length, 1);
  });
});

describe("a refusal", () => {
  test("without news does not make it try for ever", async () => {
    const tab = new Tab(new Server(""), "a");
    tab.push = () => Promise.reject(new StaleVersion([]));
    tab.type("x");
    await assert.rejects(tab.collaboration.flush(), StaleVersion);
  });

  test("for good is not repeated until there is something new", async () => {
    const server = new Server("");
    const tab = new Tab(server, "a");
    let refusals = 0;
    tab.push = () => Promise.reject(new Refused(`no ${++refusals}`));
    tab.type("too much");
    mock.timers.tick(PUSH_DELAY_MS);
    await settled();
    mock.timers.tick(10 * RETRY_MS);
    await settled();
    assert.equal(refusals, 1);
    assert.equal(tab.kept?.updates.length, 1);
    tab.delete(3, 8);
    mock.timers.tick(PUSH_DELAY_MS);
    await settled();
    assert.equal(refusals, 2);
    assert.equal(tab.failures.length, 1);
  });
});
