// The cards of proposals: in the cell that would change; of a new cell, below the one that it would follow. Loaded when there
// is one (proposals.ts).

import type { CellList } from "../cells/cell_list";
import { kindName } from "../cells/wording";
import { find, fromTemplate } from "../dom";
import type { Comparison } from "../history/comparison";
import "../history/comparison";
import { CommandError } from "../protocol/socket";
import type { Proposal } from "../protocol/chat";
import type { AssistantServices } from "./services";

const cards = new Map<string, HTMLElement>();

export function showProposals(proposals: readonly Proposal[], cells: CellList, services: AssistantServices): void {
  const ids = new Set(proposals.map(({ id }) => id));
  for (const [id, card] of cards) {
    if (ids.has(id)) continue;
    card.remove();
    cards.delete(id);
  }
  for (const proposal of proposals) {
    const card = cards.get(proposal.id) ?? made(proposal, services);
    cards.set(proposal.id, card);
    put(card, placeOf(proposal, proposals, cells));
    fill(card, proposal, services);
  }
}

interface Place {
  readonly parent: Element;
  /** Null: at the end. */
  readonly before: Element | null;
}

/** In the cell, above what is said of its runs; at the top or the end of the notebook without one. */
function placeOf(proposal: Proposal, all: readonly Proposal[], cells: CellList): Place {
  const container = find(document, "#cells");
  const notebook = container.parentElement as HTMLElement;
  if (proposal.kind !== "create") {
    const cell = cells.find(proposal.cell_id);
    return cell ? { parent: cell, before: find(cell, ".cell-foot") } : { parent: notebook, before: container.nextElementSibling };
  }
  if (proposal.position === "start") return { parent: notebook, before: container };
  const followed = cells.find(proposal.position ?? "");
  if (followed) return { parent: followed, before: null };
  // It follows one that is proposed itself.
  const card = cards.get(all.find(({ cell_id }) => cell_id === proposal.position)?.id ?? "");
  if (card?.parentElement) return { parent: card.parentElement, before: card.nextElementSibling };
  return { parent: notebook, before: container.nextElementSibling };
}

/** Moving an element takes the focus from it, so it is moved only if it must be. */
function put(card: HTMLElement, { parent, before }: Place): void {
  if (card.parentElement !== parent) parent.insertBefore(card, before);
}

function made({ id }: Proposal, services: AssistantServices): HTMLElement {
  const card = fromTemplate("template-proposal");
  card.dataset["proposal"] = id;
  const decide = (type: "proposal_accept" | "proposal_reject") => () => void decided(card, type, id, services);
  card.querySelector("[data-decide=accept]")?.addEventListener("click", decide("proposal_accept"));
  card.querySelector("[data-decide=reject]")?.addEventListener("click", decide("proposal_reject"));
  // The cell around it has keys of its own.
  card.addEventListener("keydown", (event) => event.stopPropagation());
  return card;
}

async function decided(card: HTMLElement, type: "proposal_accept" | "proposal_reject", proposal_id: string, services: AssistantServices): Promise<void> {
  const buttons = [...card.querySelectorAll<HTMLButtonElement>("[data-decide]")];
  for (const button of buttons) button.disabled = true;
  try {
    await services.flush();
    await services.send(type, { proposal_id });
  } catch (error) {
    services.report(error);
    // Somebody has changed the text, or was first: what is so now is told.
    if (!(error instanceof CommandError && error.code === "conflict")) for (const button of buttons) button.disabled = false;
  }
}

function fill(card: HTMLElement, proposal: Proposal, services: AssistantServices): void {
  const { kind, status, problem, note, before, after, cell_kind } = proposal;
  const headline = headlineOf(proposal, services);
  card.dataset["status"] = status;
  card.setAttribute("aria-label", headline);
  find(card, "[data-part=headline]").textContent = headline;
  find(card, "[data-part=note]").textContent = note;
  find(card, "[data-part=problem]").textContent = problem ? `${problem} It cannot be accepted any more.` : "";
  const accept = card.querySelector<HTMLButtonElement>("[data-decide=accept]");
  if (accept) accept.disabled = status !== "open";
  const comparison = find<Comparison>(card, "tandem-comparison");
  comparison.hidden = kind === "move";
  // Of an edit that fits no more, both texts are those of when it was made.
  const beforeLabel = status === "stale" && kind === "edit" ? "When it was proposed" : "Now";
  const labels = { beforeLabel, afterLabel: kind === "delete" ? "Gone" : "Proposed" };
  if (kind !== "move") {
    comparison.show({ before: before ?? "", after: kind === "delete" ? "" : (after ?? ""), language: services.languageOf(cell_kind), ...labels });
  }
}

function headlineOf({ kind, cell_kind, position }: Proposal, services: AssistantServices): string {
  switch (kind) {
    case "create":
      return `The assistant proposes a new ${kindName(cell_kind)} cell`;
    case "delete":
      return "The assistant proposes to delete this cell";
    case "edit":
      return "The assistant proposes to change this cell";
    case "move": {
      const number = services.numbers().get(position ?? "");
      const place = position === "start" ? "to the top" : number === undefined ? "to the end" : `below cell ${number}`;
      return `The assistant proposes to move this cell ${place}`;
    }
  }
}
