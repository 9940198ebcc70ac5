// A turn and what is told of it while it goes on ("Turns" of docs/protocol.md). Pure.

import type { ChatBlock, ChatEvent, TextBlock, ToolBlock, Turn } from "../protocol/chat";

/** The turn after the next thing that was told of it. */
export function afterEvent(turn: Turn, event: ChatEvent): Turn {
  // The event that says so may come later.
  const status = turn.status === "queued" ? "running" : turn.status;
  const next: Turn = { ...turn, status, offset: turn.offset + 1 };
  switch (event.type) {
    case "text_delta":
      return { ...next, blocks: withText(turn.blocks, event.block, "text", event.text) };
    case "thinking_delta":
      return { ...next, blocks: withText(turn.blocks, event.block, "thinking", event.text) };
    case "tool_start":
    case "approval_needed":
    case "tool_result":
      return { ...next, blocks: withBlock(turn.blocks, event.block, event.tool) };
    case "note":
      return { ...next, blocks: withBlock(turn.blocks, event.block, { type: "notice", text: event.text }) };
    case "rewind":
      return { ...next, blocks: turn.blocks.slice(0, event.blocks) };
    case "notice":
      return { ...next, notice: event.text };
    case "usage":
      return { ...next, usage: event.usage };
    case "error":
      return { ...next, error: event.error };
    case "done":
      return { ...next, status: event.status, notice: "" };
    default:
      // What a newer server tells counts, and is not shown.
      return next;
  }
}

export function isUnfinished({ status }: Pick<Turn, "status">): boolean {
  return status === "queued" || status === "running" || status === "waiting";
}

/** Whether it can go on from where it stopped. */
export function isRetryable({ status, is_left_out }: Turn): boolean {
  return (status === "failed" || status === "cancelled") && !is_left_out;
}

export function toolsOf({ blocks }: Pick<Turn, "blocks">): ToolBlock[] {
  return blocks.filter((block) => block.type === "tool");
}

function withText(blocks: readonly ChatBlock[], index: number, type: TextBlock["type"], text: string): ChatBlock[] {
  const before = blocks[index];
  return withBlock(blocks, index, { type, text: before?.type === type ? before.text + text : text });
}

function withBlock(blocks: readonly ChatBlock[], index: number, block: ChatBlock): ChatBlock[] {
  const next = [...blocks];
  // One that was skipped says nothing.
  while (next.length < index) next.push({ type: "notice", text: "" });
  next[index] = block;
  return next;
}
