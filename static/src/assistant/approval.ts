// The card on which somebody decides about a call of a tool: what would happen, and why they are asked.

import { cellLink } from "../cells/cell_link";
import { firstLine } from "../cells/wording";
import { find, fromTemplate } from "../dom";
import type { Question, ToolBlock } from "../protocol/chat";
import type { Plan, PlanReason } from "../protocol/types";
import { estimateOf, summaryOf } from "../reactive/plan_wording";
import { showPreview } from "./compared";
import type { AssistantServices } from "./services";
import { approvalHeadline } from "./tool_wording";

export function showApproval(card: HTMLElement, tool: ToolBlock, services: AssistantServices): void {
  const headline = approvalHeadline(tool, services.numbers());
  find(card, "[data-part=headline]").textContent = headline;
  card.setAttribute("aria-label", headline);
  find(card, "[data-part=reason]").textContent = tool.reason;
  find(card, "[data-part=buttons]").hidden = !services.canEdit;
  find(card, "[data-part=others]").hidden = services.canEdit;
  const { preview } = tool;
  if (!("kind" in preview)) return;
  if (preview.kind === "sql") find(card, "[data-part=summary]").textContent = preview.statement;
  else if (preview.kind === "run") showPlan(card, preview.plan, services);
  else showPreview(find(card, "[data-part=compared]"), preview, services);
}

export function showQuestion(card: HTMLElement, tool: ToolBlock): void {
  const { question, options } = tool.preview as Question;
  find(card, "[data-part=headline]").textContent = question;
  card.setAttribute("aria-label", question);
  const buttons = options.map((option) => {
    const button = fromTemplate("template-option");
    button.textContent = option;
    return button;
  });
  find(card, "[data-part=options]").replaceChildren(...buttons);
}

function showPlan(card: HTMLElement, plan: Plan, services: AssistantServices): void {
  const { cells } = services.notebook();
  find(card, "[data-part=summary]").textContent = summaryOf(plan);
  const rows = plan.cells.map(({ cell_id, reasons, estimated_s }) => {
    const row = fromTemplate("template-plan-row");
    find(row, "[data-part=cell]").replaceChildren(cellLink(cell_id, services.numbers()));
    find(row, "[data-part=line]").textContent = firstLine(cells.find(({ id }) => id === cell_id)?.source ?? "");
    find(row, "[data-part=reasons]").textContent = reasons.map(reasonOf).join("; ");
    find(row, "[data-part=estimate]").textContent = estimateOf(estimated_s);
    return row;
  });
  find(card, "[data-part=cells]").replaceChildren(...rows);
}

/** To whoever reads it here, it was not "you" who asked. */
function reasonOf({ kind, text }: PlanReason): string {
  return kind === "asked" ? "the assistant wants to run it" : text;
}
