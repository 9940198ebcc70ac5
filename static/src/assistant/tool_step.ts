// One call of a tool: a line that opens to what went in and what came out; a card while somebody has to decide on it.

import { find, fromTemplate } from "../dom";
import type { ToolBlock } from "../protocol/chat";
import { showApproval, showQuestion } from "./approval";
import { showDone } from "./compared";
import type { AssistantServices } from "./services";
import { factsOf, headlineOf } from "./tool_wording";

export function showTool(row: HTMLElement, tool: ToolBlock, services: AssistantServices): void {
  const details = find<HTMLDetailsElement>(row, "details.step");
  row.dataset["tool"] = tool.id;
  row.dataset["status"] = tool.status;
  row.dataset["outcome"] = outcomeOf(tool);
  find(details, "[data-part=headline]").textContent = headlineOf(tool, services.numbers());
  find(details, "[data-part=facts]").textContent = factsOf(tool);
  details.ontoggle = () => showBody(details, tool, services);
  showBody(details, tool, services);
  showCard(row, tool, services);
}

function outcomeOf({ status, is_error, decision }: ToolBlock): string {
  if (status === "cancelled" || decision === "rejected") return "stopped";
  if (status !== "done") return "";
  return is_error ? "failed" : "ok";
}

/** Filled while it is open: most never are. */
function showBody(details: HTMLDetailsElement, tool: ToolBlock, services: AssistantServices): void {
  if (!details.open) return;
  find(details, "[data-part=decision]").textContent = decisionOf(tool);
  showText(find(details, "[data-part=input]"), inputText(tool));
  showText(find(details, "[data-part=result]"), tool.result);
  if (tool.status === "done") void showDone(find(details, "[data-part=compared]"), tool, services);
}

function showText(section: HTMLElement, text: string): void {
  section.hidden = text === "";
  find(section, "pre").textContent = text;
}

/** Texts as they are, the rest by name. */
function inputText({ input }: ToolBlock): string {
  const lines = Object.entries(input ?? {}).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    return text.includes("\n") ? `${name}:\n${text}` : `${name}: ${text}`;
  });
  return lines.join("\n");
}

function decisionOf({ decision, decided_by, answer, reason }: ToolBlock): string {
  const by = decided_by || "somebody";
  const because = answer ? `: “${answer}”` : "";
  switch (decision) {
    case "approved":
      return `Approved by ${by}.${reason ? ` ${reason}` : ""}`;
    case "rejected":
      return `Rejected by ${by}${because}`;
    case "answered":
      return `${by} answered${because}`;
    default:
      return reason;
  }
}

function showCard(row: HTMLElement, tool: ToolBlock, services: AssistantServices): void {
  const card = row.querySelector<HTMLElement>(".approval");
  if (tool.status !== "waiting") return card?.remove();
  // What is being answered stays as it is.
  if (card) return;
  const isQuestion = "question" in tool.preview;
  const made = fromTemplate(isQuestion ? "template-question" : "template-approval");
  row.append(made);
  if (isQuestion) showQuestion(made, tool);
  else showApproval(made, tool, services);
}
