// What a turn says about itself: how far it is, what it used. Pure.

import { formatElapsed } from "../cells/wording";
import type { ChatAvailability, RecordedCall, Turn, TurnStatus, Usage } from "../protocol/chat";

const NUMBER = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function tokensOf(tokens: number): string {
  return `${NUMBER.format(tokens).toLowerCase()} tokens`;
}

export function costOf(usd: number): string {
  if (usd > 0 && usd < 0.01) return "under $0.01";
  return `$${usd.toFixed(2)}`;
}

export function usageLine({ steps, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd }: Usage): string {
  if (steps === 0) return "";
  const read = input_tokens + cache_write_tokens + cache_read_tokens;
  const cached = cache_read_tokens > 0 ? ` (${Math.round((100 * cache_read_tokens) / read)} % from the cache)` : "";
  const parts = [countOf(steps, "step"), `${tokensOf(read)} read${cached}`, `${tokensOf(output_tokens)} written`];
  return [...parts, ...(cost_usd === null ? [] : [costOf(cost_usd)])].join(" · ");
}

/** What it does now, or what it waits for; empty if it has ended. */
export function stateLine({ status, notice, blocks }: Turn, isFirstInQueue: boolean): string {
  if (notice) return notice;
  if (status === "queued") return isFirstInQueue ? "Starting…" : "Waits for the turn before it…";
  if (status !== "running") return "";
  const last = blocks.at(-1);
  if (last?.type === "text") return "Writing…";
  return last?.type === "tool" && last.status !== "done" ? "Working…" : "Thinking…";
}

export function endLine(status: TurnStatus): string {
  return status === "cancelled" ? "Stopped. What was done stays done." : "";
}

export function conversationState(status: TurnStatus | null): string {
  const words: Partial<Record<TurnStatus, string>> = { queued: "working", running: "working", waiting: "waits for a decision", failed: "failed" };
  return status === null ? "" : (words[status] ?? "");
}

export function todayLine({ today }: ChatAvailability): string {
  const { tokens, cost_usd, max_tokens, max_cost_usd } = today;
  const used = max_tokens === null ? tokensOf(tokens) : `${NUMBER.format(tokens).toLowerCase()} of ${tokensOf(max_tokens)}`;
  const cost = max_cost_usd === null ? costOf(cost_usd) : `${costOf(cost_usd)} of ${costOf(max_cost_usd)}`;
  return tokens === 0 && max_tokens === null && max_cost_usd === null ? "" : `You used today: ${used}, ${cost}`;
}

export function callLine({ input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, elapsed_ms, stop_reason }: RecordedCall): string {
  const read = input_tokens + cache_write_tokens + cache_read_tokens;
  const parts = [`${tokensOf(read)} read, ${tokensOf(cache_read_tokens)} of them from the cache`, `${tokensOf(output_tokens)} written`];
  if (cost_usd !== null) parts.push(costOf(cost_usd));
  if (elapsed_ms !== null) parts.push(formatElapsed(elapsed_ms));
  if (stop_reason) parts.push(`ended with ${stop_reason}`);
  return parts.join(" · ");
}

export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
