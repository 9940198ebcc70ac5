import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ChatEvent, ChatMessage, TextBlock, Turn } from "../protocol/chat";
import { type ChatEffect, type ChatInput, type ChatState, NOTHING_SAID, reduce, showing } from "./chat_state";
import { conversation, frame, tool, turn } from "./testing";

const FETCH: ChatEffect = { type: "fetch_turn", turn_id: "t", soon: false };

function begin(...turns: Turn[]): ChatState {
  const state = showing(NOTHING_SAID, "talk");
  return reduce(state, { type: "opened", conversation: conversation("talk"), turns }).state;
}

function after(state: ChatState, ...inputs: ChatInput[]): { state: ChatState; effects: ChatEffect[] } {
  const effects: ChatEffect[] = [];
  for (const input of inputs) {
    const reduction = reduce(state, input);
    state = reduction.state;
    effects.push(...reduction.effects);
  }
  return { state, effects };
}

/** The words of the first turn in view. */
function said({ turns }: ChatState): string {
  return (turns[0]?.blocks ?? []).map((block) => (block as TextBlock).text ?? "[tool]").join("|");
}

const WORDS = ["Let", " me", " plot", " it", "."];

function words(): ChatMessage[] {
  return WORDS.map((text, offset) => frame("t", offset, { type: "text_delta", block: 0, text }));
}

describe("frames", () => {
  test("in order append to the block", () => {
    const { state, effects } = after(begin(turn("t")), ...words());
    assert.equal(said(state), "Let me plot it.");
    assert.equal(state.turns[0]?.offset, WORDS.length);
    assert.deepEqual(effects, []);
  });

  test("that are known are dropped, and so are those of turns that are not in view", () => {
    const begun = begin(turn("t", { offset: 2, blocks: [{ type: "text", text: "Let me" }] }));
    const other = frame("another", 0, { type: "text_delta", block: 0, text: "no" });
    const { state } = after(begun, ...words(), other);
    assert.equal(said(state), "Let me plot it.");
  });

  test("after a gap wait, and the turn is asked for once", () => {
    const [first, , ...rest] = words() as [ChatMessage, ChatMessage, ...ChatMessage[]];
    const { state, effects } = after(begin(turn("t")), first, ...rest);
    assert.equal(said(state), "Let");
    assert.deepEqual(effects, [FETCH]);
    const stored = turn("t", { offset: 3, blocks: [{ type: "text", text: "Let me plot" }] });
    const answered = after(state, { type: "turn", turn: stored });
    assert.equal(said(answered.state), "Let me plot it.");
    assert.deepEqual(answered.effects, []);
  });

  test("that still wait after the answer have the turn asked for again", () => {
    const { state } = after(begin(turn("t")), words()[3] as ChatMessage);
    const { effects } = after(state, { type: "turn", turn: turn("t", { offset: 1 }) });
    assert.deepEqual(effects, [{ ...FETCH, soon: true }]);
  });

  test("may come in any order", () => {
    const [one, two, three, four, five] = words() as [ChatMessage, ChatMessage, ChatMessage, ChatMessage, ChatMessage];
    const { state } = after(begin(turn("t")), five, three, two, one, four);
    assert.equal(said(state), "Let me plot it.");
  });

  test("an answer that is older than what was told changes nothing", () => {
    const { state } = after(begin(turn("t")), ...words());
    assert.equal(after(state, { type: "turn", turn: turn("t", { offset: 1 }) }).state, state);
  });
});

describe("what is told of a turn", () => {
  const told = (...events: ChatEvent[]): Turn => {
    const frames = events.map((event, offset) => frame("t", offset, event));
    const [shown] = after(begin(turn("t")), ...frames).state.turns;
    if (!shown) throw new Error("The turn is gone.");
    return shown;
  };

  test("a tool takes the place of its block, from its start to its end", () => {
    const started = tool("call", { status: "started" });
    const ended = tool("call", { status: "done", result: "42" });
    const { blocks } = told(
      { type: "thinking_delta", block: 0, text: "Hm" },
      { type: "tool_start", block: 1, tool: started },
      { type: "tool_result", block: 1, tool: ended },
    );
    assert.deepEqual(blocks, [{ type: "thinking", text: "Hm" }, ended]);
  });

  test("a rewind takes back what came after", () => {
    const { blocks } = told(
      { type: "text_delta", block: 0, text: "kept" },
      { type: "text_delta", block: 1, text: "gone" },
      { type: "rewind", blocks: 1 },
      { type: "text_delta", block: 1, text: "again" },
    );
    assert.deepEqual(blocks, [{ type: "text", text: "kept" }, { type: "text", text: "again" }]);
  });

  test("the end says how it ended and takes the notice away", () => {
    const error = { code: "overloaded", message: "Try again later." };
    const failed = told({ type: "notice", text: "Waiting" }, { type: "error", error }, { type: "done", status: "failed" });
    assert.deepEqual([failed.status, failed.error, failed.notice], ["failed", error, ""]);
  });

  test("what a newer server tells counts as told", () => {
    const strange = { type: "dance" } as unknown as ChatEvent;
    const { offset, blocks } = told(strange, { type: "text_delta", block: 0, text: "on" });
    assert.deepEqual([offset, blocks], [2, [{ type: "text", text: "on" }]]);
  });
});

describe("events of the notebook", () => {
  test("a new turn is shown in its conversation, once", () => {
    const created: ChatInput = { type: "turn_created", turn: turn("t", { status: "queued" }) };
    const sent: ChatInput = { type: "sent", conversation: conversation("talk", { status: "queued" }), turn: turn("t") };
    const { state } = after(begin(), created, created, sent);
    assert.deepEqual(state.turns.map(({ id }) => id), ["t"]);
    assert.equal(state.conversations[0]?.status, "queued");
  });

  test("the reply to a message is no news of a turn that has begun", () => {
    const { id, conversation_id, number, error } = turn("t");
    const begun = { id, conversation_id, number, error, status: "running", offset: 0, is_left_out: false } as const;
    const queued = turn("t", { status: "queued" });
    const sent: ChatInput = { type: "sent", conversation: conversation("talk"), turn: queued };
    const created: ChatInput = { type: "turn_created", turn: queued };
    const { state } = after(begin(), created, { type: "turn_updated", turn: begun }, sent);
    assert.equal(state.turns[0]?.status, "running");
  });

  test("what is said by a turn that waited says that it goes on", () => {
    const { state } = after(begin(turn("t", { status: "queued" })), words()[0] as ChatMessage);
    assert.equal(state.turns[0]?.status, "running");
  });

  test("a turn of another conversation is told in the list alone", () => {
    const listed = [conversation("talk"), conversation("other")];
    const elsewhere = turn("t", { conversation_id: "other" });
    const { state } = after(begin(), { type: "listed", conversations: listed }, { type: "turn_created", turn: elsewhere });
    assert.deepEqual(state.turns, []);
    assert.equal(state.conversations.find(({ id }) => id === "other")?.status, "running");
  });

  test("a turn that was replaced or undone says so", () => {
    const { id, conversation_id, number, error, status, offset } = turn("t");
    const update = { id, conversation_id, number, error, status, offset, is_left_out: true };
    const undone: ChatInput = { type: "turn_undone", turn_id: "t", undone_by: "ann" };
    const { state } = after(begin(turn("t")), { type: "turn_updated", turn: update }, undone);
    const [shown] = state.turns;
    assert.deepEqual([shown?.is_left_out, shown?.undone_by], [true, "ann"]);
  });

  test("an update with more frames than are known asks for the turn", () => {
    const { id, conversation_id, number, error } = turn("t");
    const update = { id, conversation_id, number, error, status: "done", offset: 7, is_left_out: false } as const;
    const { state, effects } = after(begin(turn("t")), { type: "turn_updated", turn: update });
    assert.equal(state.turns[0]?.status, "done");
    assert.deepEqual(effects, [FETCH]);
  });

  test("the conversation that was talked in last is the first", () => {
    const old = conversation("old", { updated_at: "2026-01-01T00:00:00+00:00" });
    const { state } = after(begin(), { type: "conversation_created", conversation: old });
    assert.deepEqual(state.conversations.map(({ id }) => id), ["talk", "old"]);
    const again = { ...old, updated_at: "2026-01-03T00:00:00+00:00" };
    const updated = after(state, { type: "conversation_updated", conversation: again }).state;
    assert.deepEqual(updated.conversations.map(({ id }) => id), ["old", "talk"]);
  });
});

describe("opening a conversation", () => {
  test("keeps what was told while the answer was on its way", () => {
    const { state } = after(begin(turn("t")), ...words());
    const late = turn("u", { number: 2 });
    const reopened = after(state, { type: "turn_created", turn: late }, {
      type: "opened",
      conversation: conversation("talk"),
      turns: [turn("t")],
    });
    assert.equal(said(reopened.state), "Let me plot it.");
    assert.deepEqual(reopened.state.turns.map(({ id }) => id), ["t", "u"]);
  });

  test("a turn that goes on is asked for again, one that has ended is not", () => {
    const turns = [turn("s", { status: "done" }), turn("t", { number: 2 })];
    const { effects } = after(begin(), { type: "opened", conversation: conversation("talk"), turns });
    assert.deepEqual(effects, [{ ...FETCH, soon: true }]);
  });

  test("an answer for one that is not in view any more is not shown", () => {
    const state = showing(begin(turn("t")), null);
    const { turns } = after(state, { type: "opened", conversation: conversation("talk"), turns: [turn("t")] }).state;
    assert.deepEqual(turns, []);
  });

  test("the first message of a new one opens it", () => {
    const state = showing(begin(), null);
    const sent = after(state, { type: "sent", conversation: conversation("fresh"), turn: turn("t", { conversation_id: "fresh" }) });
    assert.equal(sent.state.shown_id, "fresh");
    assert.equal(sent.state.turns.length, 1);
  });

  test("earlier turns go before those in view", () => {
    const state = begin(turn("t", { number: 40 }));
    const earlier = after(state, { type: "earlier", conversation_id: "talk", turns: [turn("s", { number: 9 })] }).state;
    assert.deepEqual(earlier.turns.map(({ id }) => id), ["s", "t"]);
    assert.equal(earlier.has_earlier, false);
  });
});
