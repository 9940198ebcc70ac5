// One turn on the page: what was asked, what is said and done, how it stands.

import { find, fromTemplate } from "../dom";
import type { Ago } from "../history/ago";
import { showRows } from "../history/rows";
import type { ChatBlock, Turn } from "../protocol/chat";
import { showProse } from "./prose";
import type { AssistantServices } from "./services";
import { showTool } from "./tool_step";
import { isRetryable, isUnfinished, toolsOf } from "./turn";
import { endLine, sizeOf, stateLine, usageLine } from "./wording";

export interface TurnPlace {
  /** None before it has to be done first. */
  readonly isFirstInQueue: boolean;
}

export function showTurn(row: HTMLElement, turn: Turn, { isFirstInQueue }: TurnPlace, services: AssistantServices): void {
  row.dataset["turn"] = turn.id;
  row.dataset["status"] = turn.status;
  row.dataset["leftOut"] = String(turn.is_left_out);
  showAsked(row, turn);
  showBlocks(find(row, "[data-part=blocks]"), turn, services);
  const state = isUnfinished(turn) ? stateLine(turn, isFirstInQueue) : endLine(turn.status);
  show(find(row, ":scope > [data-part=state]"), state);
  const error = find(row, ":scope > [data-part=error]");
  error.hidden = !(turn.status === "failed" || isRetryable(turn));
  find(error, "[data-part=text]").textContent = turn.status === "failed" ? (turn.error?.message ?? "It failed.") : "";
  find(error, "[data-part=retry]").hidden = !isRetryable(turn);
  find(row, "[data-part=foot]").hidden = isUnfinished(turn) || turn.usage.steps === 0;
  const did = isUnfinished(turn) ? [] : toolsOf(turn).map(({ details }) => details);
  // A run is not taken back.
  const isUndoable = did.some(({ change, proposal_id }) => change ?? proposal_id) && turn.undone_by === null;
  find(row, "[data-part=changed]").hidden = !isUndoable && !did.some(({ change, plan, proposal_id }) => change ?? plan ?? proposal_id);
  const undo = row.querySelector<HTMLElement>("[data-part=undo]");
  if (undo) undo.hidden = !isUndoable;
  show(find(row, "[data-part=undone]"), turn.undone_by === null ? "" : `Undone by ${turn.undone_by}`);
  find(row, "[data-part=usage]").textContent = usageLine(turn.usage);
}

function showAsked(row: HTMLElement, turn: Turn): void {
  find(row, "[data-part=who]").textContent = turn.asked_by;
  find<Ago>(row, "tandem-ago").show(turn.created_at);
  find(row, "[data-part=left-out]").hidden = !turn.is_left_out;
  find(row, "[data-part=edit]").hidden = turn.is_left_out || isUnfinished(turn);
  find(row, "[data-part=message]").textContent = turn.message;
  const attached = turn.attachments.map(({ name, kind, size_bytes }) => {
    const chip = fromTemplate("template-chip");
    find(chip, "[data-part=name]").textContent = kind === "image" ? "Image" : name;
    find(chip, "[data-part=size]").textContent = sizeOf(size_bytes);
    find(chip, "button").remove();
    return chip;
  });
  find(row, "[data-part=attachments]").replaceChildren(...attached);
}

interface Placed {
  readonly key: string;
  readonly block: ChatBlock;
  readonly isLast: boolean;
}

function showBlocks(list: HTMLElement, turn: Turn, services: AssistantServices): void {
  const placed = turn.blocks
    .map((block, index) => ({ key: `${index}-${block.type}`, block, isLast: index === turn.blocks.length - 1 }))
    .filter(({ block }) => block.type === "tool" || block.text.trim() !== "");
  showRows<Placed>(list, placed, {
    key: ({ key }) => key,
    make: () => document.createElement("div"),
    fill: (slot, { block, isLast }) => fill(slot, block, isLast && turn.status === "running", services),
  });
}

/** A slot holds one block of one kind for as long as it is there. */
function fill(slot: HTMLElement, block: ChatBlock, isGrowing: boolean, services: AssistantServices): void {
  const element = (slot.firstElementChild as HTMLElement | null) ?? slot.appendChild(fromTemplate(`template-chat-${block.type}`));
  switch (block.type) {
    case "text":
      return showProse(element, block.text);
    case "notice":
      element.textContent = block.text;
      return;
    case "thinking":
      find(element, "[data-part=headline]").textContent = isGrowing ? "Thinking…" : "Thought";
      return showProse(find(element, "[data-part=text]"), block.text);
    case "tool":
      return showTool(element, block, services);
  }
}

function show(element: HTMLElement, text: string): void {
  element.hidden = text === "";
  element.textContent = text;
}
