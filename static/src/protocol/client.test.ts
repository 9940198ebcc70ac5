import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { cell, dependent, event, notebook, output, stdout } from "../testing";
import { NotebookClient } from "./client";
import { FakeSocket, installFakeBrowser, settled } from "./fake_browser";
import { initialState } from "./state";
import type { Cell, PresenceMessage, StreamOutput } from "./types";

const LONGEST_RETRY_MS = 10_000;
const WRITTEN_BY_MS = 400;

let client: NotebookClient;
let opened: number;
let changes: number;
let heard: PresenceMessage[];

function begin(...cells: Cell[]): FakeSocket {
  installFakeBrowser();
  opened = 0;
  changes = 0;
  heard = [];
  const nothing = (): void => {};
  client = new NotebookClient("ws://server/", initialState(notebook(cells), "editor"), {
    changed: () => changes++,
    edited: nothing,
    assistant: nothing,
    widgets: nothing,
    filesChanged: nothing,
    queryProgress: nothing,
    preferences: nothing,
    present: (message) => heard.push(message),
    statusChanged: nothing,
    deleted: nothing,
    opened: () => opened++,
  });
  client.connect();
  FakeSocket.newest.accept();
  return FakeSocket.newest;
}

function reconnect(): FakeSocket {
  FakeSocket.newest.break();
  mock.timers.tick(LONGEST_RETRY_MS);
  FakeSocket.newest.accept();
  return FakeSocket.newest;
}

function textOf(index: number): string {
  const outputs = (client.state.notebook.cells[index]?.outputs ?? []) as StreamOutput[];
  return outputs.map((each) => each.text).join("|");
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

describe("opening", () => {
  test("asks for what happened since the snapshot in the page", async () => {
    const server = begin();
    assert.deepEqual(server.sent[0], { id: 1, type: "open", since_seq: 1 });
    await server.answer("open", { seq: 1, role: "editor", client_id: "one" });
    assert.equal(client.clientId, "one");
    assert.equal(opened, 1);
  });

  test("goes on from where it was after a reconnect, and still knows its own edits", async () => {
    const first = begin();
    await first.answer("open", { seq: 1, role: "editor", client_id: "one" });
    first.say(event(2, { type: "notebook_renamed", title: "x" }));
    const second = reconnect();
    assert.equal(second.sent[0]?.["since_seq"], 2);
    await second.answer("open", { seq: 2, role: "editor", client_id: "two" });
    assert.deepEqual([client.isOwn("one"), client.isOwn("two"), client.isOwn("three")], [true, true, false]);
    assert.deepEqual(client.ownIds, ["one", "two"]);
  });

  test("there is no client id while there is no open connection", async () => {
    const first = begin();
    await first.answer("open", { seq: 1, role: "editor", client_id: "one" });
    const second = reconnect();
    assert.equal(client.clientId, "");
    await second.answer("open", { seq: 1, role: "editor", client_id: "two" });
    assert.equal(client.clientId, "two");
  });

  test("a gap asks once, however many events come after it", async () => {
    const server = begin();
    await server.answer("open", { seq: 1, role: "editor", client_id: "one" });
    for (const seq of [3, 4, 5]) server.say(event(seq, { type: "notebook_renamed", title: `${seq}` }));
    assert.deepEqual(server.sentTypes(), ["open", "open"]);
    await server.answer("open", { seq: 5, role: "editor", client_id: "one" });
    server.say(event(2, { type: "notebook_renamed", title: "2" }));
    assert.equal(client.state.notebook.title, "5");
  });
});

describe("presence", () => {
  test("of others is told, and is no part of the state", async () => {
    const server = begin();
    const before = client.state;
    const message = { type: "presence", here: [], gone: ["two"] } as const;
    server.say(message);
    assert.deepEqual(heard, [message]);
    assert.equal(client.state, before);
  });

  test("of ours is told on an open connection, without waiting for an answer", async () => {
    const server = begin();
    const whereabouts = { cell_id: "a", selection: null };
    client.tellWhereabouts(whereabouts);
    assert.deepEqual(server.sentTypes(), ["open"]);
    await server.answer("open", { seq: 1, role: "editor", client_id: "one" });
    client.tellWhereabouts(whereabouts);
    assert.deepEqual(server.sent.at(-1), { id: 2, type: "presence", ...whereabouts });
  });
});

describe("dependencies", () => {
  test("are told apart from the notebook, which stays as it is", async () => {
    const server = begin(cell("a"));
    const before = client.state;
    const a = dependent({ writes: ["x"] });
    server.say({ type: "dependencies", is_whole: true, cells: { a }, cycles: [] });
    assert.deepEqual(client.dependencies.cells.get("a"), a);
    assert.equal(client.state, before);
    assert.equal(changes, 1);
  });
});

describe("output", () => {
  test("of a running cell is asked for soon after opening", async () => {
    const server = begin(cell("a", { status: "running", cell_run_id: "run" }));
    await server.answer("open", { seq: 1, role: "editor", client_id: "one" });
    mock.timers.tick(WRITTEN_BY_MS);
    await settled();
    await server.answer("outputs", { cell_id: "a", cell_run_id: "run", output_offset: 2, outputs: [stdout("so far")] });
    assert.equal(textOf(0), "so far");
  });

  test("after a gap is asked for until it is all there", async () => {
    const server = begin(cell("a", { status: "running", cell_run_id: "run" }));
    server.say(output("a", "run", 3, stdout("4")));
    await server.answer("outputs", { cell_id: "a", cell_run_id: "run", output_offset: 1, outputs: [stdout("1")] });
    assert.equal(textOf(0), "1");
    mock.timers.tick(WRITTEN_BY_MS);
    await settled();
    await server.answer("outputs", { cell_id: "a", cell_run_id: "run", output_offset: 3, outputs: [stdout("123")] });
    assert.equal(textOf(0), "1234");
  });

  test("that could not be asked for is asked for after the reconnect", async () => {
    const first = begin(cell("a", { status: "running", cell_run_id: "run" }));
    first.say(output("a", "run", 1, stdout("2")));
    const second = reconnect();
    await settled();
    await second.answer("open", { seq: 1, role: "editor", client_id: "two" });
    mock.timers.tick(WRITTEN_BY_MS);
    await settled();
    await second.answer("outputs", { cell_id: "a", cell_run_id: "run", output_offset: 2, outputs: [stdout("12")] });
    assert.equal(textOf(0), "12");
  });
});
