// What the buttons with `data-command` do: those of the top bar, and those around the cells.

import type { AssistantPanel } from "./assistant/panel";
import type { CellCommands } from "./cells/commands";
import { find } from "./dom";
import type { FilesPanel } from "./files/panel";
import type { GraphPanel } from "./graph/panel";
import type { HistoryPanel } from "./history/panel";
import type { KernelPanel } from "./kernel/panel";
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
  readonly files: FilesPanel;
  readonly assistant: AssistantPanel;
  readonly kernel: KernelPanel;
  readonly plan: PlanCard;
}

export type PageCommands = Readonly<Record<string, (button: DOMStringMap) => void>>;

export function pageCommandsOf({ client, commands, history, graph, variables, files, kernel, assistant, plan }: Page): PageCommands {
  // There is room for one drawer.
  const closeOthers = (drawer: Drawer): void => {
    for (const other of [history, graph, variables, files, kernel, assistant]) if (other !== drawer) other.close();
  };
  return {
    "run-all": () => void commands.run("all"),
    "run-stale": () => void commands.run("stale"),
    "restart-and-run-all": () => void commands.restartAndRunAll(),
    interrupt: () => commands.send("interrupt", {}),
    restart: () => commands.send("restart", {}),
    shutdown: () => commands.send("shutdown", {}),
    mode: ({ mode }) => commands.send("notebook_configure", { mode: mode as RunMode }),
    plan: () => {
      // What the person would run first is asked about first.
      const scope = staleCount(client.dependencies) > 0 ? "stale" : "all";
      plan.open({ scope }, find(document, "#run-menu-button"));
    },
    history: () => {
      closeOthers(history);
      history.showNotebook();
    },
    graph: () => {
      closeOthers(graph);
      graph.open();
    },
    variables: () => {
      closeOthers(variables);
      variables.open();
    },
    files: () => {
      closeOthers(files);
      files.open();
    },
    kernel: () => {
      closeOthers(kernel);
      kernel.open();
    },
    assistant: () => {
      if (assistant.hidden) assistant.open();
      else assistant.close();
    },
    append: ({ kind }) => commands.insert(kind as CellKind, null),
    prepend: ({ kind }) => commands.insert(kind as CellKind, ""),
  };
}
