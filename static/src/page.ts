// The notebook page: wires the parts. Cells and panels dispatch events; this listens, has commands sent, and
// shows what the server says became of them.

import { Assistant } from "./assistant/assistant";
import { assistantServicesOver } from "./assistant/services";
import { CELL_ACTION, CELL_LOST, type CellAction } from "./cells/actions";
import { CellElement } from "./cells/cell";
import { isToldElsewhere } from "./cells/cell_editor";
import { CellList } from "./cells/cell_list";
import "./cells/cell_menu";
import type { CellMenu } from "./cells/cell_menu";
import { CellChanges } from "./cells/changes";
import { CellCommands, RUN_STARTED } from "./cells/commands";
import { CellDragging } from "./cells/drag";
import { lostCell } from "./cells/conflict_wording";
import { definitionOf } from "./cells/definitions";
import { RunNews } from "./cells/run_news";
import { SelectedCells } from "./cells/selected_cells";
import { CellSelection } from "./cells/selection";
import { servicesOver } from "./cells/services";
import { firstLine } from "./cells/wording";
import { KeyListener } from "./commands/key_listener";
import { openKeysCard } from "./commands/keys_card";
import "./commands/palette";
import type { Palette } from "./commands/palette";
import { Registry } from "./commands/registry";
import "./databases/panel";
import type { DatabasesPanel } from "./databases/panel";
import { embedded, find } from "./dom";
import "./drafts/draft_dialog";
import type { DraftDialog } from "./drafts/draft_dialog";
import { DraftStore } from "./drafts/draft_store";
import { Drafts } from "./drafts/drafts";
import { pageLives } from "./drafts/page_lives";
import type { Unsent } from "./editor/unsent";
import "./files/panel";
import type { FilesPanel } from "./files/panel";
import "./find/panel";
import type { FindPanel } from "./find/panel";
import "./graph/panel";
import type { GraphPanel } from "./graph/panel";
import "./history/panel";
import type { HistoryPanel } from "./history/panel";
import { historyServicesOver } from "./history/services";
import "./kernel/panel";
import type { KernelPanel } from "./kernel/panel";
import "./outline/panel";
import type { OutlinePanel } from "./outline/panel";
import "./outputs/output_list";
import type { ConnectionChip } from "./panels/connection_chip";
import "./panels/connection_chip";
import { wireDialogs } from "./panels/dialog_button";
import "./panels/kernel_chip";
import "./panels/menu";
import type { KernelChip } from "./panels/kernel_chip";
import "./panels/offline_banner";
import type { OfflineBanner } from "./panels/offline_banner";
import { offerOutputLinks } from "./panels/output_links";
import "./panels/people";
import { GO_TO_CELL, type People } from "./panels/people";
import "./panels/run_bar";
import type { RunBar } from "./panels/run_bar";
import "./panels/kernel_notice";
import type { KernelNotice } from "./panels/kernel_notice";
import { RENAME, type TitleField } from "./panels/title_field";
import "./panels/toasts";
import type { Toasts } from "./panels/toasts";
import { pageCommandsOf } from "./page_commands";
import { heardPreferences, onPreferencesChange, type Preferences, preferences } from "./preferences";
import { Presence } from "./presence/presence";
import type { AssistantEvent, ChatMessage } from "./protocol/chat";
import { NotebookClient, type NotebookObserver } from "./protocol/client";
import { staleCount } from "./protocol/dependencies";
import type { ConnectionStatus, EndReason } from "./protocol/socket";
import { initialState } from "./protocol/state";
import type { CellUpdated, Fields, Kernel, Notebook, PresenceMessage, QueryProgressMessage, Role, Run } from "./protocol/types";
import "./reactive/plan_card";
import { type PlanCard, RUN_PLANNED } from "./reactive/plan_card";
import { Reactive } from "./reactive/reactive";
import { TABLE_LEFT, TABLE_QUESTION, type TableQuestion } from "./table/questions";
import "./variables/panel";
import type { VariablesPanel } from "./variables/panel";
import { WIDGET_SHOWN, type WidgetLink } from "./widgets/link";
import type { WidgetsMessage } from "./widgets/messages";
import { Widgets } from "./widgets/widgets";

interface Snapshot {
  readonly seq: number;
  readonly role: Role;
  readonly notebook: Notebook;
}

class NotebookPage implements NotebookObserver {
  #role: Role;
  #client: NotebookClient;
  #cells: CellList;
  #changes: CellChanges;
  #commands: CellCommands;
  #drafts: Drafts;
  #presence: Presence;
  #reactive: Reactive;
  #assistant: Assistant;
  #widgets: Widgets;
  #selection: CellSelection;
  #selected: SelectedCells;
  #registry: Registry;
  #graph = find<GraphPanel>(document, "tandem-graph");
  #files = find<FilesPanel>(document, "tandem-files");
  #databases = find<DatabasesPanel>(document, "tandem-databases");
  #variables = find<VariablesPanel>(document, "tandem-variables");
  #kernel = find<KernelPanel>(document, "tandem-kernel-panel");
  #plan = find<PlanCard>(document, "tandem-plan");
  #find = find<FindPanel>(document, "tandem-find");
  #history = find<HistoryPanel>(document, "tandem-history");
  #outline = find<OutlinePanel>(document, "tandem-outline");
  #banner = find<OfflineBanner>(document, "tandem-banner");
  #toasts = find<Toasts>(document, "tandem-toasts");
  #news = new RunNews((text) => (find(document, "#announcements").textContent = text));
  #frame = 0;
  #isLeaving = false;
  #language = "";

  constructor({ notebook, role }: Snapshot) {
    this.#role = role;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const url = `${scheme}//${location.host}/ws/notebooks/${notebook.id}/`;
    this.#client = new NotebookClient(url, initialState(notebook, role), this);
    const services = servicesOver(this.#client, (cellId, unsent) => this.#keep(cellId, unsent));
    this.#cells = new CellList(find(document, "#cells"), services, () => this.changed());
    const self = { kind: "user", label: document.body.dataset["username"] ?? "" };
    this.#changes = new CellChanges(this.#client, this.#cells, this.#toasts, self);
    this.#commands = new CellCommands(this.#client, this.#cells, this.#changes, this.#toasts);
    const [client, commands, changes, toasts] = [this.#client, this.#commands, this.#changes, this.#toasts];
    this.#history.start(historyServicesOver({ client, cells: services, commands, changes, toasts }));
    this.#presence = new Presence(client, this.#cells, find<People>(document, "tandem-people"));
    this.#reactive = new Reactive(client, this.#cells);
    this.#widgets = new Widgets(client);
    this.#graph.start({ state: () => client.state, known: () => this.#reactive.known });
    this.#variables.start({
      state: () => client.state,
      numbers: () => this.#reactive.numbers,
      variables: () => client.send("variables", {}),
      variable: (name) => client.send("variable", { name }),
    });
    this.#files.start({
      notebook: () => client.state.notebook,
      insert: (source, after) => commands.insert("python", after, source),
      error: (error) => toasts.error(error),
      makeRoom: () => {
        this.#makeRoom();
        this.#assistant.panel.close();
      },
    });
    this.#databases.start({
      databases: services.databases,
      sources: () => services.sources(),
      connectionId: () => this.#selection.active?.cell.connection_id ?? null,
      insert: (text) => this.#insertName(text),
    });
    this.#kernel.start({
      kernel: () => shownKernel(client.state.notebook),
      report: () => client.send("kernel", {}),
      packages: () => client.send("packages", {}),
      specs: () => client.send("kernelspecs", {}),
      choose: (name) => commands.send("kernel_choose", { name }),
    });
    this.#plan.start({
      plan: (request) => commands.plan(request),
      numbers: () => this.#reactive.numbers,
      lineOf: (cellId) => firstLine(this.#cells.find(cellId)?.text ?? ""),
    });
    const userId = document.body.dataset["user"] ?? "";
    this.#assistant = new Assistant(
      assistantServicesOver({
        ...{ client, commands, toasts, userId, cells: services },
        numbers: () => this.#reactive.numbers,
        makeRoom: () => this.#makeRoom(),
      }),
      this.#cells,
    );
    const assistant = this.#assistant.panel;
    const [kernel, variables, files, outline] = [this.#kernel, this.#variables, this.#files, this.#outline];
    const databases = this.#databases;
    this.#find.start(() => this.#cells.all, (element) => this.#cells.reveal(element));
    outline.start(() => client.state.notebook.cells);
    const drawers = { history: this.#history, graph: this.#graph, variables, files, databases, kernel, assistant, outline };
    const announce = (count: number): void => this.#announceSelected(count);
    const selection = (this.#selection = new CellSelection(this.#cells, announce));
    const cellParts = { cells: this.#cells, selection, changes };
    this.#selected = new SelectedCells({ ...cellParts, client, commands, toasts, mayEdit: role !== "viewer" });
    const pageCommands = pageCommandsOf({
      ...{ ...cellParts, selected: this.#selected, client, commands, toasts, ...drawers, plan: this.#plan, find: this.#find },
      openPalette: () => find<Palette>(document, "tandem-palette").open(),
      openKeys: () => openKeysCard(this.#registry),
      save: () => this.#save(),
    });
    this.#registry = new Registry(pageCommands, role !== "viewer");
    const dialog = find<DraftDialog>(document, "tandem-draft");
    const store = new DraftStore(localStorage, userId, notebook.id);
    this.#drafts = new Drafts({ client, cells: this.#cells, toasts, dialog, store, lives: pageLives() });
  }

  // Lifecycle

  start(): void {
    wireDialogs(document.body);
    document.addEventListener(CELL_ACTION, (event) => this.#obey(event as CustomEvent<CellAction>));
    document.addEventListener(CELL_LOST, (event) => this.#offerBack(event as CustomEvent<string>));
    document.addEventListener(GO_TO_CELL, (event) => this.#cells.goTo((event as CustomEvent<string>).detail, "cell"));
    document.addEventListener(RUN_STARTED, (event) => this.#news.started((event as CustomEvent<Run>).detail));
    document.addEventListener(RUN_PLANNED, (event) => this.#runPlanned(event as CustomEvent<Fields<"run">>));
    document.addEventListener(TABLE_QUESTION, (event) => this.#askTable(event as CustomEvent<TableQuestion>));
    offerOutputLinks(this.#toasts);
    document.addEventListener(WIDGET_SHOWN, (event) => this.#showWidget(event as CustomEvent<WidgetLink>));
    document.addEventListener(TABLE_LEFT, ({ target }) => (target as Element).closest<CellElement>("tandem-cell")?.select());
    document.addEventListener(RENAME, (event) => this.#rename(event as CustomEvent<string>));
    document.addEventListener("click", (event) => this.#clicked(event));
    this.#selection.start();
    this.#selected.start();
    if (this.#role !== "viewer") new CellDragging(this.#cells, this.#selection, this.#changes).start();
    new KeyListener(this.#registry).start();
    find<Palette>(document, "tandem-palette").start(this.#registry);
    window.addEventListener("beforeunload", (event) => this.#warnOfUnsent(event));
    onPreferencesChange((before) => this.#preferencesChanged(before));
    this.#presence.start();
    this.#reactive.start();
    this.#show();
    this.#assistant.start();
    this.#goToLinked();
    window.addEventListener("hashchange", () => this.#goToLinked());
    this.#client.connect();
  }

  // The client's observer

  changed(): void {
    // However fast the messages come, the page is redrawn once a frame.
    this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  edited({ cell_id, version, updates }: CellUpdated): void {
    this.#cells.find(cell_id)?.receive(version, updates);
  }

  assistant(news: AssistantEvent | ChatMessage): void {
    this.#assistant.heard(news);
  }

  present(message: PresenceMessage): void {
    this.#presence.heard(message);
  }

  widgets(message: WidgetsMessage): void {
    this.#widgets.heard(message);
  }

  preferences(stored: Preferences): void {
    heardPreferences(stored);
  }

  filesChanged(): void {
    this.#files.changed();
  }

  queryProgress(message: QueryProgressMessage): void {
    this.#cells.find(message.cell_id)?.showProgress(message);
  }

  opened(): void {
    if (this.#client.state.role !== this.#role) this.#roleChanged(this.#client.state.role);
    this.#commands.flush().catch((error: unknown) => this.#flushFailed(error));
    this.#history.refresh();
    this.#presence.opened();
    this.#files.changed();
    this.#widgets.opened();
    this.#assistant.opened();
    this.#drafts.opened();
  }

  statusChanged(status: ConnectionStatus, reason?: EndReason): void {
    find<ConnectionChip>(document, "tandem-connection").show(status, reason);
    document.body.dataset["connection"] = status;
    this.#banner.showConnection(status, this.#role !== "viewer", reason);
  }

  deleted(): void {
    this.#isLeaving = true;
    location.assign("/");
  }

  // Private

  #show(): void {
    this.#frame = 0;
    const { notebook } = this.#client.state;
    find<TitleField>(document, "tandem-title").show(notebook.title);
    find<KernelChip>(document, "tandem-kernel").show(shownKernel(notebook), notebook.language);
    find<KernelNotice>(document, "tandem-kernel-notice").show(shownKernel(notebook));
    find<RunBar>(document, "tandem-run-bar").show(staleCount(this.#client.dependencies), notebook.mode);
    document.body.dataset["empty"] = String(notebook.cells.length === 0);
    this.#cells.show(notebook.cells);
    this.#news.show(notebook.cells);
    if (notebook.language !== this.#language) {
      this.#language = notebook.language;
      this.#cells.showLanguage();
    }
    this.#selection.show();
    this.#reactive.show();
    this.#graph.follow();
    this.#variables.follow();
    this.#files.follow();
    this.#outline.follow();
    this.#find.follow();
    this.#assistant.follow();
    this.#kernel.follow();
    this.#history.follow(this.#client.state);
    this.#presence.show();
    this.#drafts.cellsShown();
  }

  /** The cell that the address names. */
  #goToLinked(): void {
    const cellId = /^#cell-([0-9a-f-]{36})$/.exec(location.hash)?.[1];
    if (cellId) this.#cells.goTo(cellId, "cell");
  }

  #preferencesChanged({ has_line_numbers }: Preferences): void {
    const areShown = preferences().has_line_numbers;
    if (areShown === has_line_numbers) return;
    for (const element of this.#cells.elements) element.showLineNumbers(areShown);
  }

  #keep(cellId: string, unsent: Unsent | null): void {
    this.#drafts.keep(cellId, unsent);
    this.#banner.showUnsent(this.#drafts.unsentCells);
    find<ConnectionChip>(document, "tandem-connection").showUnsent(this.#drafts.unsentCells);
  }

  #obey({ target, detail }: CustomEvent<CellAction>): void {
    if (!(target instanceof CellElement)) return;
    switch (detail.type) {
      case "history":
        this.#graph.close();
        this.#variables.close();
        this.#files.close();
        this.#databases.close();
        this.#assistant.panel.close();
        this.#kernel.close();
        this.#outline.close();
        return this.#history.showCell(target.cell);
      case "define":
        return this.#goToDefinition(target, detail.name);
      case "fix":
      case "explain":
        return this.#assistant.about(target, detail.type);
      case "instruct":
        return void this.#assistant.instruct(target);
      case "menu":
        return find<CellMenu>(document, "tandem-cell-menu").openFor(target, detail.opener);
      case "plan":
        return this.#plan.open({ scope: "cell", cell_id: target.cell.id }, detail.opener);
      default:
        return this.#commands.obey(target, detail);
    }
  }

  /** A name of a database, where people write SQL. */
  #insertName(name: string): void {
    const { active } = this.#selection;
    if (active?.cell.kind === "sql") return active.insert(name);
    this.#toasts.show({ tone: "info", text: "Go to an SQL cell first: the name is put where its cursor is." });
  }

  #askTable({ detail }: CustomEvent<TableQuestion>): void {
    detail.answer(this.#client.send(detail.type, detail.fields));
  }

  #showWidget({ target, detail }: CustomEvent<WidgetLink>): void {
    const cell = (target as Element).closest<CellElement>("tandem-cell");
    if (cell) this.#widgets.shown(detail, cell.cell.id);
  }

  /** To the cell that the name comes from, and to the place in it. */
  #goToDefinition(from: CellElement, name: string): void {
    const known = this.#client.dependencies.cells.get(from.cell.id);
    const cellId = known?.reads[name] ?? (known?.writes.includes(name) ? from.cell.id : undefined);
    const element = cellId === undefined ? undefined : this.#cells.find(cellId);
    if (!element) {
      const text = name ? `No cell of this notebook binds “${name}”.` : "Put the cursor on a name first.";
      return this.#toasts.show({ tone: "info", text });
    }
    const { from: start, to } = definitionOf(name, element.text);
    element.select();
    element.editAt(start, to);
  }

  /** For the assistant: there is room for one drawer. */
  #makeRoom(): void {
    const drawers = [this.#history, this.#graph, this.#variables, this.#files, this.#databases, this.#kernel, this.#outline];
    for (const drawer of drawers) drawer.close();
  }

  #runPlanned({ detail: { scope, cell_id } }: CustomEvent<Fields<"run">>): void {
    void this.#commands.run(scope, cell_id);
  }

  #offerBack({ detail: cellId }: CustomEvent<string>): void {
    this.#drafts.lost(cellId);
    this.#banner.showUnsent(this.#drafts.unsentCells);
    const action = { label: "Bring it back", run: () => void this.#changes.bringBack(cellId) };
    const text = lostCell(this.#client.state.deleted_by.get(cellId));
    this.#toasts.show({ tone: "error", text, action });
  }

  #rename({ detail }: CustomEvent<string>): void {
    this.#commands.send("notebook_rename", { title: detail });
  }

  #clicked(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLElement | SVGElement>("[data-go-to]");
    if (link) return this.#follow(link, event);
    const button = (event.target as Element).closest<HTMLElement>("[data-command]");
    if (button) this.#registry.run(button.dataset["command"] ?? "");
  }

  /** Like any link to a cell, but it takes the focus along. */
  #follow(link: HTMLElement | SVGElement, event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { goTo: cellId = "", line } = link.dataset;
    if (line) this.#cells.find(cellId)?.editLine(Number(line));
    else this.#cells.goTo(cellId, "cell");
  }

  /** Somebody pressed the key to save: that is never needed, so say so. */
  #save(): void {
    this.#commands.flush().then(
      () => this.#toasts.show({ tone: "info", text: "Everything is saved, as it always is." }),
      (error: unknown) => this.#toasts.error(error),
    );
  }

  #announceSelected(count: number): void {
    find(document, "#announcements").textContent = count > 1 ? `${count} cells selected` : "";
  }

  #flushFailed(error: unknown): void {
    // If the connection broke again, what waits is sent with the next one.
    if (!isToldElsewhere(error)) this.#toasts.error(error);
  }

  #roleChanged(role: Role): void {
    const action = { label: "Reload", run: () => location.reload() };
    this.#toasts.show({ tone: "info", text: `You are ${role} of this notebook now.`, action });
  }

  #warnOfUnsent(event: BeforeUnloadEvent): void {
    const unsent = this.#cells.elements.some((element) => element.hasUnsent);
    if (unsent && !this.#isLeaving) event.preventDefault();
  }
}

/** A kernel is busy while a cell runs; the server does not tell the two apart. */
function shownKernel({ kernel, cells }: Notebook): Kernel {
  const isBusy = kernel.status === "idle" && cells.some((cell) => cell.status === "running");
  return isBusy ? { ...kernel, status: "busy" } : kernel;
}

const snapshot = embedded<Snapshot | null>("snapshot");
// It was deleted while the page came: the next try says so.
if (snapshot) new NotebookPage(snapshot).start();
else location.reload();
