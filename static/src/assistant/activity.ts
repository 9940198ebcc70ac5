// Where the assistant works, as far as this page was told: the cell of each turn that goes on, and how the turns stand.
// Pure. It is a hint for people, like presence: nobody is kept from anything.

import type { AssistantEvent, ChatMessage, ToolBlock, TurnStatus } from "../protocol/chat";
import { type Numbers } from "../cells/numbers";
import { cellOf } from "./tool_wording";

export interface Activity {
  /** By turn id: what it last began to do to a cell. */
  readonly tools: ReadonlyMap<string, ToolBlock>;
  /** By turn id, of those that have not ended. */
  readonly turns: ReadonlyMap<string, TurnStatus>;
}

export const NO_ACTIVITY: Activity = { tools: new Map(), turns: new Map() };

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
  const isOver = status === "done" || status === "failed" || status === "cancelled";
  const turns = new Map(activity.turns);
  const tools = new Map(activity.tools);
  if (isOver) tools.delete(turnId);
  if (isOver) turns.delete(turnId);
  else turns.set(turnId, status);
  return { tools, turns };
}
