// "What was sent": every call of the model in a turn, exactly as it went out and came back.

import { find, fromTemplate } from "../dom";
import { exactTime } from "../history/times";
import type { RecordedCall } from "../protocol/chat";
import { callLine } from "./wording";

const NONE = "The model was not called in this turn.";
const SOME = "Secrets were taken out before it was sent, and are not kept here either.";

export function showRecord(element: HTMLElement, calls: readonly RecordedCall[]): void {
  find(element, "[data-part=record-note]").textContent = calls.length === 0 ? NONE : SOME;
  find(element, "[data-part=calls]").replaceChildren(...calls.map(callRow));
}

export function showRecordNote(element: HTMLElement, note: string): void {
  find(element, "[data-part=record-note]").textContent = note;
  find(element, "[data-part=calls]").replaceChildren();
}

function callRow(call: RecordedCall, index: number): HTMLElement {
  const row = fromTemplate("template-call") as HTMLDetailsElement;
  const status = call.status === "ok" ? "" : ` (${call.status})`;
  find(row, "[data-part=headline]").textContent = `Call ${index + 1}, ${call.model}${status}`;
  find(row, "[data-part=facts]").textContent = `${exactTime(new Date(call.created_at))} · ${callLine(call)}`;
  // Requests are long: they are put in when one is opened.
  row.addEventListener("toggle", () => {
    find(row, "[data-part=request]").textContent = JSON.stringify(call.request, null, 2);
    find(row, "[data-part=reply]").textContent = JSON.stringify(call.reply ?? call.error, null, 2);
  }, { once: true });
  return row;
}
