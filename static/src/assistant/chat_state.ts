// What a page knows of the assistant: the conversations of the notebook and the turns of the one in view. A pure state
// machine, no IO: `reduce` takes what the server told or answered and returns the next state and, as data, what has to be
// asked. docs/protocol.md is the rule.
//
// Delivery is a hint: frames that come after a gap wait (`early`) while the turn is asked for.

import type { AssistantEvent, ChatMessage, Conversation, Turn, TurnState } from "../protocol/chat";
import { afterEvent } from "./turn";

export interface ChatState {
  /** Newest first. */
  readonly conversations: readonly Conversation[];
  /** The conversation in view; null: a new one, which begins with the first message. */
  readonly shown_id: string | null;
  /** Those of the conversation in view, oldest first. */
  readonly turns: readonly Turn[];
  /** There are turns before those. */
  readonly has_earlier: boolean;
  /** Frames after a gap, by turn id. */
  readonly early: ReadonlyMap<string, readonly ChatMessage[]>;
}

/** What the server told, and its answers. */
export type ChatInput =
  | ChatMessage
  | AssistantEvent
  | { readonly type: "listed"; readonly conversations: readonly Conversation[] }
  | { readonly type: "opened"; readonly conversation: Conversation; readonly turns: readonly Turn[] }
  | { readonly type: "earlier"; readonly conversation_id: string; readonly turns: readonly Turn[] }
  | { readonly type: "turn"; readonly turn: Turn }
  | { readonly type: "sent"; readonly conversation: Conversation; readonly turn: Turn };

export type ChatEffect =
  /** Something was told of it that is not known. `soon`: when the server has written it. */
  { readonly type: "fetch_turn"; readonly turn_id: string; readonly soon: boolean };

export interface ChatReduction {
  readonly state: ChatState;
  readonly effects: readonly ChatEffect[];
}

/** The server answers with so many turns. */
export const TURNS_AT_ONCE = 30;
// More frames than this are dropped: the server has them.
const MAX_EARLY = 2000;

export const NOTHING_SAID: ChatState = {
  conversations: [],
  shown_id: null,
  turns: [],
  has_earlier: false,
  early: new Map(),
};

export function reduce(state: ChatState, input: ChatInput): ChatReduction {
  switch (input.type) {
    case "chat":
      return takeFrame(state, input);
    case "conversation_created":
    case "conversation_updated":
      return unchanged(withConversation(state, input.conversation));
    case "turn_created":
      return unchanged(withNewTurn(noted(state, input.turn), input.turn));
    case "turn_updated":
      return takeTurnState(noted(state, input.turn), input.turn);
    case "listed":
      return unchanged({ ...state, conversations: newestFirst(input.conversations) });
    case "opened":
      return takeOpened(state, input.conversation, input.turns);
    case "earlier":
      return unchanged(withEarlier(state, input.conversation_id, input.turns));
    case "turn":
      return takeTurn(state, input.turn);
    case "proposal_created":
    case "proposal_decided":
      // Shown at the cells (proposals.ts) and where somebody asks what a turn changed.
      return unchanged(state);
    case "turn_undone": {
      const turn = findTurn(state, input.turn_id);
      return unchanged(turn ? replaceTurn(state, { ...turn, undone_by: input.undone_by }) : state);
    }
    case "sent": {
      const { conversation, turn } = input;
      const known = withConversation(state, conversation);
      const begun = known.shown_id === null ? { ...known, shown_id: conversation.id } : known;
      // The events of the turn may have come first, and say more.
      return unchanged(withNewTurn(begun, turn));
    }
  }
}

/** Look at another conversation; `null` begins a new one. */
export function showing(state: ChatState, conversationId: string | null): ChatState {
  return { ...state, shown_id: conversationId, turns: [], has_earlier: false, early: new Map() };
}

export function shownConversation({ conversations, shown_id }: ChatState): Conversation | undefined {
  return conversations.find(({ id }) => id === shown_id);
}

// Frames and turns

function takeFrame(state: ChatState, message: ChatMessage): ChatReduction {
  const turn = findTurn(state, message.turn_id);
  if (!turn || message.offset < turn.offset) return unchanged(state);
  if (message.offset === turn.offset) {
    return takeEarly(replaceTurn(state, afterEvent(turn, message.event)), turn.id);
  }
  const waiting = state.early.get(turn.id) ?? [];
  const early = new Map(state.early).set(turn.id, [...waiting, message].slice(0, MAX_EARLY));
  // The first that waits has it asked for.
  return { state: { ...state, early }, effects: waiting.length === 0 ? [fetchTurn(turn.id, false)] : [] };
}

/** The turn as the server has it in its row, which is a little behind what it has told. */
function takeTurn(state: ChatState, turn: Turn): ChatReduction {
  const known = findTurn(state, turn.id);
  if (!known) return unchanged(state);
  return takeEarly(turn.offset < known.offset ? state : replaceTurn(state, turn), turn.id);
}

function takeTurnState(state: ChatState, told: TurnState): ChatReduction {
  const turn = findTurn(state, told.id);
  if (!turn || told.offset < turn.offset) return unchanged(state);
  const { status, error, is_left_out } = told;
  const next = replaceTurn(state, { ...turn, status, error, is_left_out });
  return { state: next, effects: told.offset > turn.offset ? [fetchTurn(turn.id, false)] : [] };
}

/** Apply the frames that waited; if there is still a gap before the first, ask again. */
function takeEarly(state: ChatState, turnId: string): ChatReduction {
  const frames = state.early.get(turnId);
  if (!frames) return unchanged(state);
  const early = new Map(state.early);
  early.delete(turnId);
  const inOrder = frames.toSorted((a, b) => a.offset - b.offset);
  const start: ChatState = { ...state, early };
  const next = inOrder.reduce((before, frame) => takeFrame(before, frame).state, start);
  const isBehind = (next.early.get(turnId) ?? []).length > 0;
  return { state: next, effects: isBehind ? [fetchTurn(turnId, true)] : [] };
}

function takeOpened(state: ChatState, conversation: Conversation, turns: readonly Turn[]): ChatReduction {
  const known = withConversation(state, conversation);
  if (state.shown_id !== conversation.id) return unchanged(known);
  // What was told meanwhile is newer than the answer.
  const newer = turns.map((turn) => newerOf(findTurn(state, turn.id), turn));
  const last = turns.at(-1)?.number ?? 0;
  const since = state.turns.filter(({ number }) => number > last);
  const before = state.turns.filter(({ number }) => number < (turns[0]?.number ?? 0));
  const has_earlier = before.length > 0 ? state.has_earlier : turns.length === TURNS_AT_ONCE;
  const next = { ...known, turns: [...before, ...newer, ...since], has_earlier };
  return turns.reduce<ChatReduction>((reduction, { id, status }) => {
    const after = takeEarly(reduction.state, id);
    // What was told before this page listened may not have been written when it asked, and nothing may follow for long.
    const again = status === "running" ? [fetchTurn(id, true)] : [];
    return { state: after.state, effects: [...reduction.effects, ...(after.effects.length > 0 ? after.effects : again)] };
  }, unchanged(next));
}

function newerOf(known: Turn | undefined, answered: Turn): Turn {
  return known && known.offset > answered.offset ? { ...known, is_left_out: answered.is_left_out } : answered;
}

function withEarlier(state: ChatState, conversationId: string, turns: readonly Turn[]): ChatState {
  if (state.shown_id !== conversationId) return state;
  const first = state.turns[0]?.number ?? Infinity;
  const before = turns.filter(({ number }) => number < first);
  return { ...state, turns: [...before, ...state.turns], has_earlier: turns.length === TURNS_AT_ONCE };
}

function withNewTurn(state: ChatState, turn: Turn): ChatState {
  if (state.shown_id !== turn.conversation_id || findTurn(state, turn.id)) return state;
  return { ...state, turns: [...state.turns, turn].sort((a, b) => a.number - b.number) };
}

// Conversations

function withConversation(state: ChatState, conversation: Conversation): ChatState {
  const others = state.conversations.filter(({ id }) => id !== conversation.id);
  return { ...state, conversations: newestFirst([conversation, ...others]) };
}

/** Its conversation has got so far. */
function noted(state: ChatState, { conversation_id, status }: TurnState): ChatState {
  const conversations = state.conversations.map((each) => (each.id === conversation_id ? { ...each, status } : each));
  return { ...state, conversations };
}

function newestFirst(conversations: readonly Conversation[]): Conversation[] {
  return conversations.toSorted((a, b) => (a.updated_at < b.updated_at ? 1 : Number(a.updated_at > b.updated_at) * -1));
}

// Small parts

function findTurn({ turns }: ChatState, turnId: string): Turn | undefined {
  return turns.find(({ id }) => id === turnId);
}

function replaceTurn(state: ChatState, turn: Turn): ChatState {
  return { ...state, turns: state.turns.map((each) => (each.id === turn.id ? turn : each)) };
}

function fetchTurn(turnId: string, soon: boolean): ChatEffect {
  return { type: "fetch_turn", turn_id: turnId, soon };
}

function unchanged(state: ChatState): ChatReduction {
  return { state, effects: [] };
}
