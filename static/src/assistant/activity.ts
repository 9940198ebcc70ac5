// Where the assistant works, as far as this page was told: the cell of each turn that goes on, and how the turns stand.
// Pure. It is a hint for people, like presence: nobody is kept from anything.

import type { AssistantEvent, ChatMessage, ToolBlock, TurnStatus, UnfinishedTurn } from "../protocol/chat";
import { type Numbers } from "../cells/numbers";
import { cellOf } from "./tool_wording";
import { isUnfinished } from "./turn";

export interface Activity {
  /** By turn id: what it last began to do to a cell. */
  readonly tools: ReadonlyMap<string, ToolBlock>;
  /** By turn id, of those that have not ended. */
  readonly turns: ReadonlyMap<string, TurnStatus>;
  /** The turns that have ended since the page began to listen. */
  readonly ended: ReadonlySet<string>;
}

export const NO_ACTIVITY: Activity = { tools: new Map(), turns: new Map(), ended: new Set() };

export function afterNews(activity: Activity, news: ChatMessage | AssistantEvent): Activity {
  switch (news.type) {
    case "chat":
      return afterFrame(activity, news);
    case "turn_created":
    case "turn_updated":
      return withStatus(activity, news.turn.id, news.turn.status);
    default:
      return activity;
  }
}

/** With what was going on before the page began to listen, where nothing newer was told of it meanwhile. */
export function afterAnswer(activity: Activity, unfinished: readonly UnfinishedTurn[]): Activity {
  const news = unfinished.filter(({ id }) => !activity.ended.has(id));
  const tools = news.flatMap(({ id, tool }): [string, ToolBlock][] => (tool ? [[id, tool]] : []));
  const turns = news.map(({ id, status }): [string, TurnStatus] => [id, status]);
  return { ...activity, tools: new Map([...tools, ...activity.tools]), turns: new Map([...turns, ...activity.turns]) };
}

/** The cells that it works on. */
export function cellsOf({ tools }: Activity, numbers: Numbers): Set<string> {
  return new Set([...tools.values()].flatMap((tool) => cellOf(tool, numbers) ?? []));
}

/** What is worth being told of while the panel is closed. */
export function standing({ turns }: Activity): "waiting" | "working" | "" {
  const statuses = [...turns.values()];
  if (statuses.includes("waiting")) return "waiting";
  return statuses.length > 0 ? "working" : "";
}

function afterFrame(activity: Activity, { turn_id, event }: ChatMessage): Activity {
  switch (event.type) {
    case "tool_start":
    case "approval_needed":
    case "tool_result":
      return { ...activity, tools: new Map(activity.tools).set(turn_id, event.tool) };
    case "done":
      return withStatus(activity, turn_id, event.status);
    default:
      return activity;
  }
}

function withStatus(activity: Activity, turnId: string, status: TurnStatus): Activity {
  const turns = new Map(activity.turns);
  const tools = new Map(activity.tools);
  const ended = new Set(activity.ended);
  if (isUnfinished({ status })) {
    turns.set(turnId, status);
    ended.delete(turnId);
  } else {
    turns.delete(turnId);
    tools.delete(turnId);
    ended.add(turnId);
  }
  return { tools, turns, ended };
}
