// <tandem-variables>: the drawer with the variables of the kernel. The kernel is asked when the panel opens and after each
// run while it is open, never else. Its markup is templates/notebook/_variables.html.

import { cellLink } from "../cells/cell_link";
import type { Numbers } from "../cells/numbers";
import { find, fromTemplate } from "../dom";
import { showRows } from "../history/rows";
import { messageOf } from "../message_of";
import { Drawer } from "../panels/drawer";
import type { State } from "../protocol/state";
import { CommandError } from "../protocol/socket";
import type { Notebook, Variable, VariableDetails, Variables } from "../protocol/types";
import { arranged, changedNames, type Column, formatSize, type Order } from "./arrangement";
import { showDetails } from "./details";

// Cells that run one after the other are asked about once.
const FOLLOW_MS = 100;
// A kernel that has just started, or was left alone for long, may take a moment to be found.
const RETRY_MS = 500;
const MAX_RETRIES = 6;

const BUSY = "The kernel is busy. This is how it was before.";
const OFF = "The kernel is off. Run a cell to start it.";
const NONE = "There are no variables yet.";
const UNKNOWN = "The kernel does not answer. Its variables are shown once it does.";

export interface VariablesSource {
  state(): State;
  numbers(): Numbers;
  variables(): Promise<Variables>;
  variable(name: string): Promise<VariableDetails>;
}

export class VariablesPanel extends Drawer {
  #source: VariablesSource | null = null;
  #variables: readonly Variable[] | null = null;
  #isComplete = true;
  #changed: ReadonlySet<string> = new Set();
  #order: Order = { column: "name", isDescending: false };
  #open = new Set<string>();
  /** The runs that `#variables` are from; others are other variables. */
  #shownRuns = "";
  /** The runs that `#changed` tells the effect of. */
  #changedBy = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retries = 0;
  #isAsking = false;

  // Lifecycle

  override connectedCallback(): void {
    super.connectedCallback();
    this.onclick = (event) => this.#clicked(event);
    this.oninput = () => this.#show();
  }

  start(source: VariablesSource): void {
    this.#source = source;
  }

  // Actions

  open(): void {
    if (!this.hidden) return;
    this.show();
    this.#shownRuns = "";
    this.#retries = 0;
    find(this, "[data-part=close]").focus();
    this.#show();
    this.follow();
  }

  override close(): void {
    super.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Something in the notebook is different. */
  follow(): void {
    if (this.hidden || !this.#source) return;
    const { notebook } = this.#source.state();
    if (notebook.kernel.status !== "idle") this.#forget();
    this.#note(notebook);
    if (isIdle(notebook) && runsOf(notebook) !== this.#shownRuns) {
      this.#timer ??= setTimeout(() => void this.#refresh(), FOLLOW_MS);
    }
  }

  // Private

  async #refresh(): Promise<void> {
    this.#timer = undefined;
    if (!this.#source || this.#isAsking) return;
    const runs = runsOf(this.#source.state().notebook);
    this.#isAsking = true;
    try {
      this.#take(await this.#source.variables(), runs);
      this.#retries = 0;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isAsking = false;
    }
    if (!this.#timer) this.follow();
  }

  #take({ variables, is_complete }: Variables, runs: string): void {
    if (runs !== this.#changedBy) this.#changed = changedNames(this.#variables, variables);
    this.#changedBy = runs;
    this.#variables = variables;
    this.#isComplete = is_complete;
    this.#shownRuns = runs;
    this.#show();
    for (const name of this.#open) void this.#load(name);
  }

  #failed(error: unknown): void {
    if (this.hidden) return;
    const mayComeBack = !(error instanceof CommandError) || error.code === "unavailable";
    if (mayComeBack && this.#retries < MAX_RETRIES) {
      this.#retries += 1;
      this.#timer = setTimeout(() => void this.#refresh(), RETRY_MS);
      return;
    }
    // Until the next run nothing is asked.
    this.#retries = 0;
    this.#shownRuns = this.#source ? runsOf(this.#source.state().notebook) : "";
    this.dataset["state"] = "failed";
    find(this, "[data-part=note]").textContent = UNKNOWN;
  }

  /** Another kernel has other variables. */
  #forget(): void {
    if (!this.#variables) return;
    this.#variables = null;
    this.#changed = new Set();
    this.#shownRuns = "";
    this.#show();
  }

  #note(notebook: Notebook): void {
    if (this.dataset["state"] === "failed" && runsOf(notebook) === this.#shownRuns) return;
    const isBusy = notebook.kernel.status === "idle" && !isIdle(notebook);
    this.dataset["state"] = isBusy ? "busy" : "idle";
    const rest = this.#isComplete ? "" : "These are the first of many.";
    const idle = this.#variables?.length === 0 ? NONE : rest;
    const note = notebook.kernel.status === "idle" ? idle : OFF;
    find(this, "[data-part=note]").textContent = isBusy ? BUSY : note;
  }

  #show(): void {
    const filter = find<HTMLInputElement>(this, "input").value;
    for (const button of this.querySelectorAll<HTMLElement>("[data-sort]")) {
      const isSorted = button.dataset["sort"] === this.#order.column;
      button.dataset["order"] = isSorted ? (this.#order.isDescending ? "down" : "up") : "";
      button.ariaPressed = String(isSorted);
    }
    showRows(find(this, "[data-part=rows]"), arranged(this.#variables ?? [], filter, this.#order), {
      key: ({ name }) => name,
      make: () => fromTemplate("template-variable"),
      fill: (row, variable) => this.#fill(row, variable),
    });
    find(this, "[data-part=head]").hidden = !this.#variables?.length;
  }

  #fill(row: HTMLElement, { name, type, shape, size_bytes, preview, cell_id }: Variable): void {
    const texts = { name, type, shape, size: formatSize(size_bytes), preview };
    for (const [part, text] of Object.entries(texts)) find(row, `[data-part=${part}]`).textContent = text;
    const isChanged = this.#changed.has(name);
    row.dataset["changed"] = String(isChanged);
    find(row, "[data-part=changed]").hidden = !isChanged;
    find(row, "button").ariaExpanded = String(this.#open.has(name));
    find(row, "[data-part=details]").hidden = !this.#open.has(name);
    const origin = cell_id && this.#source ? cellLink(cell_id, this.#source.numbers()) : "";
    find(row, "[data-part=origin]").replaceChildren(...(origin ? ["from ", origin] : []));
  }

  async #load(name: string): Promise<void> {
    const details = (): HTMLElement | null => this.#rowOf(name)?.querySelector("[data-part=details]") ?? null;
    try {
      const known = await this.#source?.variable(name);
      const element = details();
      if (known && element) showDetails(element, known);
    } catch (error) {
      const element = details();
      if (element) find(element, "[data-part=rest]").textContent = messageOf(error);
    }
  }

  #rowOf(name: string): HTMLElement | undefined {
    const rows = [...find(this, "[data-part=rows]").children] as HTMLElement[];
    return rows.find((row) => row.dataset["key"] === name);
  }

  #clicked({ target }: MouseEvent): void {
    const element = target as Element;
    const column = element.closest<HTMLElement>("[data-sort]")?.dataset["sort"] as Column | undefined;
    if (column) return this.#sortBy(column);
    const name = element.closest("button")?.closest<HTMLElement>("[data-key]")?.dataset["key"];
    if (name !== undefined) this.#toggle(name);
  }

  #sortBy(column: Column): void {
    const isSame = column === this.#order.column;
    // The largest is what people look for first.
    const isDescending = isSame ? !this.#order.isDescending : column === "size" || column === "shape";
    this.#order = { column, isDescending };
    this.#show();
  }

  #toggle(name: string): void {
    if (this.#open.delete(name)) return this.#show();
    this.#open.add(name);
    this.#show();
    void this.#load(name);
  }
}

/** Which runs have made the variables what they are. */
function runsOf({ cells }: Notebook): string {
  return cells.map(({ cell_run_id }) => cell_run_id ?? "").join();
}

function isIdle({ kernel, cells }: Notebook): boolean {
  return kernel.status === "idle" && !cells.some(({ status }) => status === "running" || status === "queued");
}

customElements.define("tandem-variables", VariablesPanel);
