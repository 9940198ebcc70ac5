// Widget models as values: what changes them, what they refer to, and why one cannot be shown. Pure.

import { VIEW_TYPE, type WidgetBuffer, type WidgetModel, type WidgetState } from "./messages";

const REFERENCE = "IPY_MODEL_";
// The server's word for a state that it left out.
const PROBLEM = "_tandem_problem";
// Nothing is loaded from elsewhere, so there are no others.
export const MODULES: readonly string[] = [
  "@jupyter-widgets/base",
  "@jupyter-widgets/controls",
  "@jupyter-widgets/output",
  "anywidget",
];
// What `jslink` and `jsdlink` make. No view shows them.
const LINKS: readonly string[] = ["LinkModel", "DirectionalLinkModel"];
// Widgets refer to others from few levels down; a file could nest any number.
const MAX_DEPTH = 50;

export const UNKNOWN = "The state of this widget is not known here. Run the cell again to see it.";

export function withUpdate(model: WidgetModel, state: WidgetState, buffers: readonly WidgetBuffer[]): WidgetModel {
  const kept = model.buffers.filter(({ path }) => !(String(path[0]) in state));
  return { ...model, state: { ...model.state, ...state }, buffers: [...kept, ...buffers] };
}

/** The ids of the models that the value refers to. */
export function referencesIn(value: unknown, depth = 0): string[] {
  if (depth > MAX_DEPTH) return [];
  if (typeof value === "string") return value.startsWith(REFERENCE) ? [value.slice(REFERENCE.length)] : [];
  if (typeof value !== "object" || value === null) return [];
  const id = (value as Record<string, { model_id?: unknown } | undefined>)[VIEW_TYPE]?.model_id;
  const below = Object.values(value).flatMap((item) => referencesIn(item, depth + 1));
  return typeof id === "string" ? [id, ...below] : below;
}

/** The ids of the models whose fields it ties together; empty if it does nothing like that. */
export function linkedBy({ state }: WidgetModel): string[] {
  return LINKS.includes(String(state["_model_name"])) ? referencesIn(state) : [];
}

/** Why the model cannot be shown, in a sentence; empty if it can. */
export function problemOf(model: WidgetModel | undefined): string {
  if (!model) return UNKNOWN;
  const problem = model.state[PROBLEM];
  if (typeof problem === "string") return problem;
  return problemOfModule(String(model.state["_model_module"]));
}

export function problemOfModule(name: string): string {
  if (MODULES.includes(name)) return "";
  return `Widgets of “${name.slice(0, 100)}” cannot be shown: only those of ipywidgets and anywidget can. What is left is their text.`;
}
