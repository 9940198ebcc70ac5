// <tandem-plan popover>: what a run would do, before it does: which cells, why, and how long. A click on one goes there.
// Its markup is templates/notebook/_plan_card.html.

import { cellLink } from "../cells/cell_link";
import type { Numbers } from "../cells/numbers";
import { emit, find, fromTemplate } from "../dom";
import { messageOf } from "../message_of";
import type { Fields, Plan } from "../protocol/types";
import { estimateOf, skippedNote, summaryOf } from "./plan_wording";

/** The run that is asked about, as in the command `run`. */
export type Request = Fields<"run">;

/** Dispatched with the request when somebody wants it run. */
export const RUN_PLANNED = "run-planned";

export interface PlanServices {
  plan(request: Request): Promise<Plan>;
  numbers(): Numbers;
  /** The first line of a cell. */
  lineOf(cellId: string): string;
}

export class PlanCard extends HTMLElement {
  #services: PlanServices | null = null;
  #request: Request = { scope: "all" };

  // Lifecycle

  connectedCallback(): void {
    this.onclick = (event) => this.#clicked(event);
  }

  start(services: PlanServices): void {
    this.#services = services;
  }

  // Actions

  /** Below `opener`. */
  open(request: Request, opener: HTMLElement): void {
    this.showPopover({ source: opener });
    this.#ask(request);
  }

  // Private

  #ask(request: Request): void {
    this.#request = request;
    const isOfCell = request.cell_id !== undefined;
    find(this, "[data-part=choice]").hidden = isOfCell;
    for (const button of this.querySelectorAll<HTMLElement>("[data-scope]")) {
      button.ariaPressed = String(button.dataset["scope"] === request.scope);
    }
    this.#services?.plan(request).then(
      (plan) => this.#show(request, plan),
      (error: unknown) => this.#fail(request, error),
    );
  }

  #show(request: Request, plan: Plan): void {
    if (request !== this.#request || !this.#services) return;
    find(this, "[data-part=summary]").textContent = summaryOf(plan);
    find(this, "[data-part=cells]").replaceChildren(...plan.cells.map((step) => this.#row(step)));
    const skipped = find(this, "[data-part=skipped]");
    skipped.hidden = plan.skipped.length === 0;
    find(skipped, "ul").replaceChildren(...plan.skipped.map((each) => this.#skippedRow(each)));
    find<HTMLButtonElement>(this, "[data-part=run]").disabled = plan.cells.length === 0;
  }

  #fail(request: Request, error: unknown): void {
    if (request !== this.#request) return;
    find(this, "[data-part=summary]").textContent = messageOf(error);
    find(this, "[data-part=cells]").replaceChildren();
    find(this, "[data-part=skipped]").hidden = true;
    find<HTMLButtonElement>(this, "[data-part=run]").disabled = true;
  }

  #row({ cell_id, reasons, estimated_s }: Plan["cells"][number]): HTMLElement {
    const row = fromTemplate("template-plan-row");
    find(row, "[data-part=cell]").replaceChildren(this.#link(cell_id));
    find(row, "[data-part=line]").textContent = this.#services?.lineOf(cell_id) ?? "";
    find(row, "[data-part=reasons]").textContent = reasons.map(({ text }) => text).join("; ");
    find(row, "[data-part=estimate]").textContent = estimateOf(estimated_s);
    return row;
  }

  #skippedRow({ cell_id, kind, because_of }: Plan["skipped"][number]): HTMLElement {
    const row = fromTemplate("template-plan-skipped");
    const note = skippedNote(kind);
    if (because_of === cell_id) row.append(this.#link(cell_id), ` ${note}`);
    else row.append(this.#link(cell_id), " needs ", this.#link(because_of), `, which ${note}`);
    return row;
  }

  #link(cellId: string): HTMLElement | string {
    return cellLink(cellId, this.#services?.numbers() ?? new Map());
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const scope = target.closest<HTMLElement>("[data-scope]")?.dataset["scope"];
    if (scope === "all" || scope === "stale") this.#ask({ scope });
    if (!target.closest("[data-part=run]")) return;
    this.hidePopover();
    emit(this, RUN_PLANNED, this.#request);
  }
}

customElements.define("tandem-plan", PlanCard);
