import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import type { ChatCommands } from "../protocol/chat";
import { settled } from "../protocol/fake_browser";
import { Chat } from "./chat";
import { conversation, frame, turn } from "./testing";

const WRITTEN_BY_MS = 400;
const TODAY = { tokens: 0, cost_usd: 0, max_tokens: null, max_cost_usd: null };
const AVAILABLE = { is_available: true, problem: "", models: [], model: "m", modes: [], today: TODAY };

/** A server whose answers the test gives: those of `answers`, else a failure. */
class FakeServer {
  readonly sent: [string, object][] = [];
  answers: { [Name in keyof ChatCommands]?: ChatCommands[Name][1] } = {
    chat_state: AVAILABLE,
    chat_conversations: { conversations: [] },
  };

  async send<Name extends keyof ChatCommands>(type: Name, fields: ChatCommands[Name][0]): Promise<ChatCommands[Name][1]> {
    this.sent.push([type, fields]);
    const answer = this.answers[type];
    if (!answer) throw new Error("no connection");
    return answer as ChatCommands[Name][1];
  }

  count(type: string): number {
    return this.sent.filter(([each]) => each === type).length;
  }
}

let server: FakeServer;
let chat: Chat;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  server = new FakeServer();
  chat = new Chat(server, { changed: () => {} });
});

describe("the first message", () => {
  test("begins a conversation with the choices that were made", async () => {
    server.answers.chat_send = { conversation: conversation("talk", { mode: "ask" }), turn: turn("t") };
    await chat.open(null);
    await chat.choose({ mode: "ask" });
    await chat.send({ message: "Hi" });
    assert.deepEqual(server.sent.at(-1), ["chat_send", { message: "Hi", mode: "ask" }]);
    assert.equal(chat.state.shown_id, "talk");
    await chat.send({ message: "And?" });
    assert.deepEqual(server.sent.at(-1), ["chat_send", { message: "And?", conversation_id: "talk" }]);
  });

  test("that could not be sent is nowhere", async () => {
    await assert.rejects(chat.send({ message: "Hi" }), /no connection/);
    assert.deepEqual(chat.state.turns, []);
  });
});

describe("a message that replaces another", () => {
  test("has the conversation asked for, to know what is left out", async () => {
    server.answers.chat_conversation = { conversation: conversation("talk"), turns: [turn("t")] };
    await chat.open("talk");
    const [old, fresh] = [turn("t", { is_left_out: true }), turn("u", { number: 2 })];
    server.answers.chat_send = { conversation: conversation("talk"), turn: fresh };
    server.answers.chat_conversation = { conversation: conversation("talk"), turns: [old, fresh] };
    await chat.send({ message: "Rather", instead_of: "t" });
    assert.deepEqual(chat.state.turns.map(({ id, is_left_out }) => [id, is_left_out]), [["t", true], ["u", false]]);
  });
});

describe("a gap", () => {
  test("asks for the turn until all of it is there, one question at a time", async () => {
    server.answers.chat_conversation = { conversation: conversation("talk"), turns: [turn("t")] };
    server.answers.chat_turn = { turn: turn("t", { offset: 1 }) };
    await chat.open("talk");
    mock.timers.tick(WRITTEN_BY_MS);
    await settled();
    assert.equal(server.count("chat_turn"), 1, "for what was told before and not written then");
    chat.heard(frame("t", 2, { type: "text_delta", block: 0, text: "!" }));
    chat.heard(frame("t", 3, { type: "text_delta", block: 0, text: "?" }));
    await settled();
    assert.equal(server.count("chat_turn"), 2);
    server.answers.chat_turn = { turn: turn("t", { offset: 2, blocks: [{ type: "text", text: "Hi" }] }) };
    mock.timers.tick(WRITTEN_BY_MS);
    await settled();
    assert.equal(server.count("chat_turn"), 3);
    assert.deepEqual(chat.state.turns[0]?.blocks, [{ type: "text", text: "Hi!?" }]);
  });

  test("without a connection is closed when it is back", async () => {
    server.answers.chat_conversation = { conversation: conversation("talk"), turns: [turn("t")] };
    await chat.open("talk");
    chat.heard(frame("t", 2, { type: "text_delta", block: 0, text: "!" }));
    await settled();
    const blocks = [{ type: "text", text: "Hi" }] as const;
    server.answers.chat_conversation = { conversation: conversation("talk"), turns: [turn("t", { offset: 2, blocks })] };
    await chat.open("talk");
    assert.deepEqual(chat.state.turns[0]?.blocks, [{ type: "text", text: "Hi!" }]);
  });
});
