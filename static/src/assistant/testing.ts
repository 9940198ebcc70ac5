// Small conversations for tests.

import type { ChatEvent, ChatMessage, Conversation, ToolBlock, Turn } from "../protocol/chat";

const THEN = "2026-01-02T03:04:05+00:00";

export function conversation(id: string, changes: Partial<Conversation> = {}): Conversation {
  const times = { created_at: THEN, updated_at: THEN };
  const rest = { created_by: "ada", turn_count: 0, status: null, ...times };
  return { id, title: `About ${id}`, mode: "agent", model: "a-model", ...rest, ...changes };
}

export function turn(id: string, changes: Partial<Turn> = {}): Turn {
  const usage = { steps: 0, input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0, cost_usd: 0 };
  return {
    id,
    conversation_id: "talk",
    number: 1,
    status: "running",
    error: null,
    offset: 0,
    asked_by: "ada",
    message: "Plot it",
    mentions: [],
    attachments: [],
    mode: "agent",
    model: "a-model",
    notice: "",
    is_left_out: false,
    undone_by: null,
    created_at: THEN,
    started_at: null,
    finished_at: null,
    blocks: [],
    usage,
    ...changes,
  };
}

export function tool(id: string, changes: Partial<ToolBlock> = {}): ToolBlock {
  const told = { is_error: false, preview: {}, reason: "", details: {}, result: "" };
  const decided = { decision: "", answer: "", decided_by: "" } as const;
  return { type: "tool", id, name: "read_cell", input: {}, status: "done", ...told, ...decided, elapsed_ms: null, ...changes };
}

export function frame(turnId: string, offset: number, event: ChatEvent): ChatMessage {
  return { type: "chat", turn_id: turnId, offset, event };
}
