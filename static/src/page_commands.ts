// What the buttons with `data-command` do: those of the top bar, and those around the cells.

import type { AssistantPanel } from "./assistant/panel";
import type { CellCommands } from "./cells/commands";
import { find } from "./dom";
import type { GraphPanel } from "./graph/panel";
import type { HistoryPanel } from "./history/panel";
import type { Drawer } from "./panels/drawer";
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
  readonly assistant: AssistantPanel;
  readonly plan: PlanCard;
}

export type PageCommands = Readonly<Record<string, (button: DOMStringMap) => void>>;

export function pageCommandsOf({ client, commands, history, graph, variables, assistant, plan }: Page): PageCommands {
  // There is room for one drawer.
  const drawers = [history, graph, variables, assistant];
  const closeAllBut = (drawer: Drawer): void => drawers.filter((each) => each !== drawer).forEach((each) => each.close());
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
    history: () => {
      closeAllBut(history);
      history.showNotebook();
    },
    graph: () => {
      closeAllBut(graph);
      graph.open();
    },
    variables: () => {
      closeAllBut(variables);
      variables.open();
    },
    assistant: () => {
      if (assistant.hidden) assistant.open();
      else assistant.close();
    },
    append: ({ kind }) => commands.insert(kind as CellKind, null),
    prepend: ({ kind }) => commands.insert(kind as CellKind, ""),
  };
}
