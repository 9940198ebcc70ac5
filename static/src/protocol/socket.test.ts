import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import { FakeSocket, installFakeBrowser, settled } from "./fake_browser";
import { CommandError, ConnectionLost, NotebookSocket } from "./socket";

const LONGEST_RETRY_MS = 10_000;
const SILENCE_MS = 25_000;

let heard: string[];
let socket: NotebookSocket;

beforeEach(() => {
  installFakeBrowser();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  heard = [];
  socket = new NotebookSocket("ws://server/", {
    connected: () => heard.push("open"),
    received: (message) => heard.push(message.type),
    statusChanged: (status, reason) => heard.push(reason ? `${status}: ${reason}` : status),
  });
  socket.connect();
});

describe("commands", () => {
  test("a reply goes to the command with its number", async () => {
    FakeSocket.newest.accept();
    const first = socket.send("interrupt", {});
    const second = socket.send("notebook_rename", { title: "x" });
    const [one, two] = FakeSocket.newest.sent;
    assert.deepEqual(two, { id: two?.id, type: "notebook_rename", title: "x" });
    FakeSocket.newest.say({ type: "reply", id: two?.id ?? 0, ok: true, result: { two: 2 } });
    FakeSocket.newest.say({ type: "reply", id: one?.id ?? 0, ok: true, result: { one: 1 } });
    assert.deepEqual(await Promise.all([first, second]), [{ one: 1 }, { two: 2 }]);
  });

  test("a refusal is an error with its code", async () => {
    FakeSocket.newest.accept();
    const sent = socket.send("interrupt", {});
    const error = { code: "forbidden", message: "You are a viewer.", details: { a: 1 } };
    FakeSocket.newest.say({ type: "reply", id: FakeSocket.newest.sent[0]?.id ?? 0, ok: false, error });
    await assert.rejects(sent, (thrown) => thrown instanceof CommandError && thrown.code === "forbidden");
  });

  test("without a connection they are refused at once", async () => {
    await assert.rejects(socket.send("interrupt", {}), ConnectionLost);
  });

  test("that are not answered for long are given up, and a late reply is not heard", async () => {
    FakeSocket.newest.accept();
    const sent = socket.send("interrupt", {});
    for (let second = 0; second < 30; second++) {
      FakeSocket.newest.say({ type: "heartbeat", seq: 1, offsets: {} });
      mock.timers.tick(1000);
    }
    await assert.rejects(sent, ConnectionLost);
    FakeSocket.newest.say({ type: "reply", id: FakeSocket.newest.sent[0]?.id ?? 0, ok: true, result: {} });
    assert.equal(socket.isConnected, true);
  });

  test("when the connection breaks those under way are refused", async () => {
    FakeSocket.newest.accept();
    const sent = socket.send("interrupt", {});
    FakeSocket.newest.break();
    await assert.rejects(sent, ConnectionLost);
  });
});

describe("the connection", () => {
  test("is made again after it broke", () => {
    FakeSocket.newest.accept();
    FakeSocket.newest.break();
    mock.timers.tick(LONGEST_RETRY_MS);
    FakeSocket.newest.accept();
    assert.equal(FakeSocket.all.length, 2);
    assert.deepEqual(heard, ["connected", "open", "reconnecting", "connected", "open"]);
  });

  test("is tried again and again", () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      FakeSocket.newest.break();
      mock.timers.tick(LONGEST_RETRY_MS);
    }
    assert.equal(FakeSocket.all.length, 6);
  });

  test("counts as broken after a silence, and what it says then is not heard", () => {
    FakeSocket.newest.accept();
    const dead = FakeSocket.newest;
    mock.timers.tick(SILENCE_MS - 1);
    dead.say({ type: "heartbeat", seq: 1, offsets: {} });
    mock.timers.tick(SILENCE_MS - 1);
    assert.equal(socket.isConnected, true);
    mock.timers.tick(1);
    assert.equal(socket.isConnected, false);
    mock.timers.tick(LONGEST_RETRY_MS);
    assert.notEqual(FakeSocket.newest, dead);
    dead.say({ type: "heartbeat", seq: 2, offsets: {} });
    dead.break();
    assert.deepEqual(heard, ["connected", "open", "heartbeat", "reconnecting"]);
  });

  test("is not tried again when the server refuses us", () => {
    FakeSocket.newest.accept();
    FakeSocket.newest.break(4401);
    mock.timers.tick(LONGEST_RETRY_MS);
    assert.equal(FakeSocket.all.length, 1);
    assert.deepEqual(heard.slice(2), ["ended: logged_out"]);
  });

  test("is made at once when the network is back", () => {
    FakeSocket.newest.accept();
    window.dispatchEvent(new Event("offline"));
    assert.equal(socket.isConnected, false);
    window.dispatchEvent(new Event("online"));
    assert.equal(FakeSocket.all.length, 2);
  });

  test("ends when the page is done with it", async () => {
    FakeSocket.newest.accept();
    const sent = socket.send("interrupt", {});
    socket.disconnect();
    await assert.rejects(sent, ConnectionLost);
    mock.timers.tick(SILENCE_MS);
    await settled();
    assert.equal(FakeSocket.all.length, 1);
  });
});
