// What the buttons with `data-command` do: those of the top bar, and those around the cells.

import type { CellCommands } from "./cells/commands";
import { find } from "./dom";
import type { GraphPanel } from "./graph/panel";
import type { HistoryPanel } from "./history/panel";
import type { NotebookClient } from "./protocol/client";
import { staleCount } from "./protocol/dependencies";
import type { CellKind, RunMode } from "./protocol/types";
import type { PlanCard } from "./reactive/plan_card";
import type { VariablesPanel } from "./variables/panel";

interface Page {
  readonly client: NotebookClient;
  readonly commands: CellCommands;
  readonly history: HistoryPanel;
  readonly graph: GraphPanel;
  readonly variables: VariablesPanel;
  readonly plan: PlanCard;
}

export type PageCommands = Readonly<Record<string, (button: DOMStringMap) => void>>;

export function pageCommandsOf({ client, commands, history, graph, variables, plan }: Page): PageCommands {
  return {
    "run-all": () => void commands.run("all"),
    "run-stale": () => void commands.run("stale"),
    "restart-and-run-all": () => void commands.restartAndRunAll(),
    interrupt: () => commands.send("interrupt", {}),
    restart: () => commands.send("restart", {}),
    mode: ({ mode }) => commands.send("notebook_configure", { mode: mode as RunMode }),
    plan: () => {
      // What the person would run first is asked about first.
      const scope = staleCount(client.dependencies) > 0 ? "stale" : "all";
      plan.open({ scope }, find(document, "#run-menu-button"));
    },
    // There is room for one drawer.
    history: () => {
      graph.close();
      variables.close();
      history.showNotebook();
    },
    graph: () => {
      history.close();
      variables.close();
      graph.open();
    },
    variables: () => {
      history.close();
      graph.close();
      variables.open();
    },
    append: ({ kind }) => commands.insert(kind as CellKind, null),
    prepend: ({ kind }) => commands.insert(kind as CellKind, ""),
  };
}
