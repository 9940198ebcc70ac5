// Everything that can be done on the notebook's page: with its cells, with the notebook, its kernel and its panels. Keys,
// the palette and the buttons with `data-command` all run these.

import type { AssistantPanel } from "./assistant/panel";
import type { CellCommands } from "./cells/commands";
import { printNotebook } from "./cells/printing";
import { kindName } from "./cells/wording";
import { type CellParts, cellCommandsOf, INSERTABLE } from "./commands/cell_commands";
import type { Command } from "./commands/registry";
import type { DatabasesPanel } from "./databases/panel";
import { find } from "./dom";
import type { FilesPanel } from "./files/panel";
import type { FindPanel } from "./find/panel";
import type { GraphPanel } from "./graph/panel";
import type { HistoryPanel } from "./history/panel";
import type { KernelPanel } from "./kernel/panel";
import type { OutlinePanel } from "./outline/panel";
import type { Drawer } from "./panels/drawer";
import type { Toasts } from "./panels/toasts";
import type { NotebookClient } from "./protocol/client";
import { staleCount } from "./protocol/dependencies";
import type { CellKind } from "./protocol/types";
import { choosePreferences, type Preferences, preferences } from "./preferences";
import type { PlanCard } from "./reactive/plan_card";
import type { VariablesPanel } from "./variables/panel";

const NOT_ALL_DRAWN = "Not everything was drawn in time to be printed. Print again to have it whole.";

interface Page extends CellParts {
  readonly client: NotebookClient;
  readonly commands: CellCommands;
  readonly history: HistoryPanel;
  readonly graph: GraphPanel;
  readonly variables: VariablesPanel;
  readonly files: FilesPanel;
  readonly databases: DatabasesPanel;
  readonly assistant: AssistantPanel;
  readonly kernel: KernelPanel;
  readonly find: FindPanel;
  readonly outline: OutlinePanel;
  readonly plan: PlanCard;
  readonly toasts: Toasts;
  openPalette(): void;
  openKeys(): void;
  /** Everything is saved, as it always is. */
  save(): void;
}

export function pageCommandsOf(page: Page): Command[] {
  return [
    ...cellCommandsOf(page),
    ...runCommands(page),
    ...kernelCommands(page),
    ...drawerCommands(page),
    ...preferenceCommands(page),
    ...findCommands(page),
    ...notebookCommands(page),
    ...accountCommands(),
    ...helpCommands(page),
  ];
}

function runCommands({ client, commands, plan }: Page): Command[] {
  const [section, edits] = ["Run", true] as const;
  const stale = (): number => staleCount(client.dependencies);
  const mode = (mode: "auto" | "lazy", title: string): Command => ({
    ...{ id: `mode-${mode}`, title, section, edits },
    isEnabled: () => client.state.notebook.mode !== mode,
    run: () => commands.setMode(mode),
  });
  return [
    { id: "run-all", title: "Run all cells", section, edits, run: () => void commands.run("all") },
    { id: "run-stale", title: "Run the stale cells", section, edits, isEnabled: () => stale() > 0, run: () => void commands.run("stale") },
    { id: "restart-and-run-all", title: "Restart the kernel and run all cells", section, edits, isUnlisted: true, run: () => void commands.restartAndRunAll() },
    {
      ...{ id: "plan", title: "What will run?", section, edits },
      // What the person would run first is asked about first.
      run: () => plan.open({ scope: stale() > 0 ? "stale" : "all" }, find(document, "#run-menu-button")),
    },
    mode("auto", "Automatic: run what depends on a cell with it"),
    mode("lazy", "Lazy: mark what depends on a cell as stale"),
  ];
}

function kernelCommands({ commands }: Page): Command[] {
  const [section, edits] = ["Kernel", true] as const;
  return [
    { id: "interrupt", title: "Interrupt the running cell", section, keys: ["i i"], edits, run: () => commands.send("interrupt", {}) },
    { id: "ask-restart", title: "Restart the kernel…", section, keys: ["0 0"], edits, run: () => openDialog("restart-dialog") },
    { id: "restart", title: "Restart the kernel", section, edits, isUnlisted: true, run: () => commands.send("restart", {}) },
    { id: "ask-shutdown", title: "Shut the kernel down…", section, edits, run: () => openDialog("shutdown-dialog") },
    { id: "shutdown", title: "Shut the kernel down", section, edits, isUnlisted: true, run: () => commands.send("shutdown", {}) },
  ];
}

function drawerCommands(page: Page): Command[] {
  const { history, graph, variables, files, databases, kernel, assistant, outline } = page;
  const section = "View";
  const drawers = [history, graph, variables, files, databases, kernel, assistant, outline];
  // There is room for one drawer.
  const alone = (drawer: Drawer, open: () => void) => () => {
    for (const other of drawers) if (other !== drawer) other.close();
    open();
  };
  return [
    { id: "outline", title: "Show the outline", section, run: alone(outline, () => outline.open()) },
    { id: "graph", title: "Show the graph: which cell needs which", section, run: alone(graph, () => graph.open()) },
    { id: "variables", title: "Show the variables", section, edits: true, run: alone(variables, () => variables.open()) },
    { id: "files", title: "Show the files", section, run: alone(files, () => files.open()) },
    { id: "databases", title: "Show the tables of the databases", section, edits: true, run: alone(databases, () => databases.open()) },
    { id: "history", title: "Show the history and its checkpoints", section, run: alone(history, () => history.showNotebook()) },
    { id: "save-checkpoint", title: "Save a checkpoint…", section: "Notebook", edits: true, run: alone(history, () => history.nameCheckpoint()) },
    { id: "deleted-cells", title: "Show the deleted cells, to bring one back", section, run: alone(history, () => history.showDeleted()) },
    { id: "kernel", title: "Show the kernel", section, run: alone(kernel, () => kernel.open()) },
    {
      ...{ id: "assistant", title: "Open or close the assistant", section, pageKeys: ["Mod+Alt+i"] },
      run: () => (assistant.hidden ? assistant.open() : assistant.close()),
    },
  ];
}

function preferenceCommands({ toasts }: Page): Command[] {
  const section = "Settings";
  const choose = (changes: Partial<Preferences>): void => {
    choosePreferences(changes).catch((error: unknown) => toasts.error(error));
  };
  const choice = <Name extends "theme" | "code_size" | "key_map">(name: Name, value: Preferences[Name], title: string): Command => ({
    ...{ id: `${name}-${value}`, title, section },
    isEnabled: () => preferences()[name] !== value,
    run: () => choose({ [name]: value }),
  });
  return [
    {
      ...{ id: "all-line-numbers", title: "Number all lines, or none", section, keys: ["Shift+l"] },
      run: () => choose({ has_line_numbers: !preferences().has_line_numbers }),
    },
    choice("theme", "light", "Light colours"), choice("theme", "dark", "Dark colours"), choice("theme", "system", "Colours as the system has them"),
    choice("code_size", "small", "Small code"), choice("code_size", "medium", "Code of medium size"),
    choice("code_size", "large", "Large code"), choice("code_size", "huge", "Huge code"),
    choice("key_map", "jupyter", "Keys in text: as in Jupyter"), choice("key_map", "vim", "Keys in text: Vim"), choice("key_map", "emacs", "Keys in text: Emacs"),
  ];
}

function findCommands({ find, selection }: Page): Command[] {
  const [section, selected] = ["Find", (): string => selection.active?.selectedText ?? ""] as const;
  return [
    { id: "find", title: "Find in all cells", section, pageKeys: ["Mod+f"], run: () => find.open(selected(), false) },
    { id: "replace", title: "Find and replace in all cells", section, pageKeys: ["Mod+h"], edits: true, run: () => find.open(selected(), true) },
    { id: "find-next", title: "Find the next", section, pageKeys: ["Mod+g", "F3"], isEnabled: () => !find.hidden, run: () => find.next(1) },
    {
      ...{ id: "find-previous", title: "Find the one before", section, pageKeys: ["Mod+Shift+g", "Shift+F3"] },
      isEnabled: () => !find.hidden,
      run: () => find.next(-1),
    },
  ];
}

function notebookCommands({ cells, commands, toasts, save }: Page): Command[] {
  const section = "Notebook";
  const add = (id: string, place: string, after: string | null) => (kind: CellKind): Command => {
    const run = (): void => commands.insert(kind, after);
    return { id: `${id}-${kind}`, title: `Add a ${kindName(kind)} cell at the ${place}`, section: "Insert", edits: true, run };
  };
  return [
    ...INSERTABLE.map(add("prepend", "top", "")),
    ...INSERTABLE.map(add("append", "end", null)),
    { id: "clear-all-outputs", title: "Clear all outputs", section, edits: true, run: () => commands.send("outputs_clear", {}) },
    { id: "save", title: "Save: everything is saved as you type", section, pageKeys: ["Mod+s"], isUnlisted: true, run: save },
    { id: "rename", title: "Rename the notebook", section, edits: true, run: () => find<HTMLInputElement>(document, "tandem-title input").select() },
    { id: "download", title: "Download as .ipynb", section, run: () => find(document, "#download-link").click() },
    {
      ...{ id: "print", title: "Print the notebook", section, pageKeys: ["Mod+p"] },
      run: () => {
        printNotebook(cells).then((isWhole) => isWhole || toasts.show({ tone: "info", text: NOT_ALL_DRAWN }), (error: unknown) => toasts.error(error));
      },
    },
    { id: "share", title: "Share the notebook", section, run: () => find(document, "#share-link").click() },
    { id: "duplicate", title: "Duplicate the notebook", section, run: () => find<HTMLFormElement>(document, "#duplicate-form").requestSubmit() },
    { id: "home", title: "Go to all notebooks", section, run: () => location.assign("/") },
  ];
}

/** What the account's menu has, whatever that is: each entry does what it does there. */
function accountCommands(): Command[] {
  const entries = document.querySelectorAll<HTMLElement>("#account-menu [role=menuitem]:not([data-command])");
  return [...entries].map((entry) => {
    const title = entry.textContent.trim();
    const id = `account-${title.toLowerCase().replaceAll(" ", "-")}`;
    return { id, title, section: "Account", run: () => entry.click() };
  });
}

function helpCommands({ openPalette, openKeys }: Page): Command[] {
  const section = "Help";
  return [
    { id: "palette", title: "Find a command", section, pageKeys: ["Mod+k", "Mod+Shift+p"], isUnlisted: true, run: openPalette },
    { id: "keys", title: "Show all keys", section, pageKeys: ["?"], run: openKeys },
  ];
}

function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}
