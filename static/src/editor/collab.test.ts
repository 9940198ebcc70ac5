import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChangeSet, EditorState, Text, type Transaction } from "@codemirror/state";
import type { CellUpdates, ChangeSetJson, VersionedUpdate } from "../protocol/types";
import { randomNumbers } from "../testing";
import { Collaboration, collaborative, type Editable, type Remote, StaleVersion } from "./collab";

/** The server's side of docs/protocol.md ("Text"), in memory. */
class Server {
  text: string;
  updates: VersionedUpdate[] = [];
  pushes = 0;

  constructor(text: string) {
    this.text = text;
  }

  get version(): number {
    return this.updates.length;
  }

  push(version: number, client_id: string, updates: readonly ChangeSetJson[]): number {
    this.pushes++;
    if (version !== this.version) throw new StaleVersion(this.since(version));
    for (const changes of updates) {
      this.text = ChangeSet.fromJSON(changes).apply(Text.of(this.text.split("\n"))).toString();
      this.updates.push({ version: this.version + 1, client_id, changes });
    }
    return this.version;
  }

  since(version: number): VersionedUpdate[] {
    return this.updates.slice(version);
  }
}

/** A tab with an editor on the server's text. */
class Tab implements Editable, Remote {
  state: EditorState;
  collaboration: Collaboration;
  /** What becomes of the next replies. */
  network: "works" | "down" | "loses the reply" = "works";
  #server: Server;
  #id: string;
  #olderIds = new Set<string>();

  constructor(server: Server, id: string) {
    this.#server = server;
    this.#id = id;
    this.state = EditorState.create({ doc: server.text, extensions: collaborative(server.version) });
    this.collaboration = new Collaboration(this, this, () => {});
  }

  get text(): string {
    return this.state.doc.toString();
  }

  dispatch(transaction: Transaction): void {
    this.state = transaction.state;
  }

  type(insert: string, from = this.state.doc.length): void {
    this.dispatch(this.state.update({ changes: { from, insert } }));
  }

  reconnect(id: string): void {
    this.#olderIds.add(this.#id);
    this.#id = id;
    this.network = "works";
  }

  async push(version: number, updates: ChangeSetJson[]): Promise<number> {
    if (this.network === "down") throw new Error("no connection");
    const accepted = this.#server.push(version, this.#id, JSON.parse(JSON.stringify(updates)) as ChangeSetJson[]);
    if (this.network === "loses the reply") throw new Error("no connection");
    return accepted;
  }

  async pull(sinceVersion: number): Promise<CellUpdates> {
    return { version: this.#server.version, updates: this.#server.since(sinceVersion) };
  }

  isOwn(clientId: string): boolean {
    return clientId === this.#id || this.#olderIds.has(clientId);
  }

  /** The event of everything since `version`. */
  hear(version: number): void {
    this.collaboration.receive(this.#server.version, this.#server.since(version));
  }
}

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
    await new Promise((resolve) => setImmediate(resolve));
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
      if (deletes) tab.dispatch(tab.state.update({ changes: { from, to: from + 1 } }));
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

  test("a server that refuses without news does not make it try for ever", async () => {
    const tab = new Tab(new Server(""), "a");
    tab.push = () => Promise.reject(new StaleVersion([]));
    tab.type("x");
    await assert.rejects(tab.collaboration.flush(), StaleVersion);
  });
});
