// The notebook page: wires the parts. Cells and panels dispatch events; this listens, sends commands, and shows
// what the server says became of them.

import { CELL_ACTION, type CellAction, type CellServices } from "./cells/actions";
import { CellElement } from "./cells/cell";
import { CellList } from "./cells/cell_list";
import { embedded, find } from "./dom";
import { StaleVersion } from "./editor/collab";
import { newId } from "./ids";
import "./outputs/output_list";
import { type ConnectionChip, describeEnd } from "./panels/connection_chip";
import { wireDialogs } from "./panels/dialog_button";
import type { KernelChip } from "./panels/kernel_chip";
import "./panels/kernel_chip";
import "./panels/theme_toggle";
import { RENAME, type TitleField } from "./panels/title_field";
import type { Toasts } from "./panels/toasts";
import "./panels/toasts";
import { NotebookClient, type NotebookObserver } from "./protocol/client";
import { findCell, initialState } from "./protocol/state";
import { CommandError, type ConnectionStatus, type EndReason } from "./protocol/socket";
import type { Cell, CellKind, CellUpdated, ChangeSetJson, Kernel, Notebook, Role, RunScope, VersionedUpdate } from "./protocol/types";

interface Snapshot {
  readonly seq: number;
  readonly role: Role;
  readonly notebook: Notebook;
}

/** A cell to go to as soon as it is in the page. */
interface Destination {
  readonly cellId: string;
  readonly to: "cell" | "text";
}

class NotebookPage implements NotebookObserver {
  #client: NotebookClient;
  #cells: CellList;
  #toasts = find<Toasts>(document, "tandem-toasts");
  #canEdit: boolean;
  #frame = 0;
  #destination: Destination | null = null;
  #isLeaving = false;

  constructor({ notebook, role }: Snapshot) {
    this.#canEdit = role !== "viewer";
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const url = `${scheme}//${location.host}/ws/notebooks/${notebook.id}/`;
    this.#client = new NotebookClient(url, initialState(notebook, role), this);
    this.#cells = new CellList(find(document, "#cells"), this.#services());
  }

  // Lifecycle

  start(): void {
    wireDialogs(document.body);
    document.addEventListener(CELL_ACTION, (event) => this.#obey(event as CustomEvent<CellAction>));
    document.addEventListener(RENAME, (event) => this.#send("notebook_rename", { title: (event as CustomEvent<string>).detail }));
    document.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("keydown", (event) => this.#keyPressed(event));
    window.addEventListener("beforeunload", (event) => this.#warnOfUnsent(event));
    this.#show();
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

  opened(): void {
    for (const cell of this.#cells.elements) {
      if (cell.hasUnsent) void cell.flush().catch((error: unknown) => this.#report(error));
    }
  }

  statusChanged(status: ConnectionStatus, reason?: EndReason): void {
    find<ConnectionChip>(document, "tandem-connection").show(status, reason);
    document.body.dataset["connection"] = status;
    if (reason) this.#toasts.show({ tone: "error", text: describeEnd(reason) });
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
    find<KernelChip>(document, "tandem-kernel").show(shownKernel(notebook));
    document.body.dataset["empty"] = String(notebook.cells.length === 0);
    this.#cells.show(notebook.cells);
    this.#arrive();
  }

  #arrive(): void {
    const element = this.#destination && this.#cells.find(this.#destination.cellId);
    if (!element) return;
    if (this.#destination?.to === "text") element.edit("start");
    else element.select();
    this.#destination = null;
  }

  #services(): CellServices {
    return {
      canEdit: this.#canEdit,
      codeLanguage: this.#client.state.notebook.language === "python" ? "python" : "text",
      push: (cellId, version, updates) => this.#push(cellId, version, updates),
      pull: (cellId, since) => this.#client.send("cell_updates", { cell_id: cellId, since_version: since }),
      isOwn: (clientId) => this.#client.isOwn(clientId),
      renderMarkdown: async (cellId, source) => {
        const { html } = await this.#client.send("render_markdown", { cell_id: cellId, source });
        return html;
      },
    };
  }

  async #push(cellId: string, version: number, updates: ChangeSetJson[]): Promise<number> {
    const client_id = this.#client.clientId;
    try {
      return (await this.#client.send("cell_push", { cell_id: cellId, version, client_id, updates })).version;
    } catch (error) {
      if (!(error instanceof CommandError && error.code === "conflict")) throw error;
      throw new StaleVersion((error.details["updates"] ?? []) as readonly VersionedUpdate[]);
    }
  }

  #clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-command]");
    if (!button) return;
    const { command, kind } = button.dataset;
    if (command === "run-all") void this.#run("all");
    if (command === "interrupt") this.#send("interrupt", {});
    if (command === "restart") this.#send("restart", {});
    if (command === "append") this.#insert(kind as CellKind, null);
    if (command === "prepend") this.#insert(kind as CellKind, "");
  }

  #obey(event: CustomEvent<CellAction>): void {
    const element = event.target;
    if (!(element instanceof CellElement)) return;
    const action = event.detail;
    switch (action.type) {
      case "run":
        return void this.#runCell(element, action.then);
      case "insert":
        return this.#insert(action.kind, action.where === "below" ? element.cell.id : this.#idBefore(element));
      case "move":
        return this.#move(element, action.direction);
      case "configure":
        return this.#send("cell_configure", { cell_id: element.cell.id, kind: action.kind });
      case "delete":
        return void this.#delete(element);
      case "leave":
        return this.#leave(element, action.direction, action.to);
      case "report":
        return this.#report(action.error);
    }
  }

  async #runCell(element: CellElement, then: "stay" | "next" | "insert"): Promise<void> {
    const { id, kind } = element.cell;
    element.finishEditing();
    if (then === "insert") this.#insert("python", id);
    if (then === "next") this.#goOn(element);
    if (then === "stay" && document.activeElement !== element && kind === "markdown") element.select();
    if (kind === "python" || kind === "sql") await this.#run("cell", id);
  }

  /** To the cell after the one that runs; after the last, to a new one. */
  #goOn(element: CellElement): void {
    const next = this.#cells.neighbour(element, "down");
    if (next) next.select();
    else this.#insert("python", element.cell.id);
  }

  /** The kernel gets the text that is on the screen: what is not sent yet goes first. */
  async #run(scope: RunScope, cellId?: string): Promise<void> {
    try {
      await Promise.all(this.#cells.elements.map((element) => element.flush()));
      await this.#client.send("run", cellId ? { scope, cell_id: cellId } : { scope });
    } catch (error) {
      this.#report(error);
    }
  }

  #insert(kind: CellKind, after: string | null): void {
    const cell_id = newId();
    this.#destination = { cellId: cell_id, to: "text" };
    this.#send("cell_create", { kind, after, cell_id });
  }

  /** The id to put something after so that it is before `element`; "" is the top. */
  #idBefore(element: CellElement): string {
    return this.#cells.neighbour(element, "up")?.cell.id ?? "";
  }

  #move(element: CellElement, direction: "up" | "down"): void {
    const neighbour = this.#cells.neighbour(element, direction);
    if (!neighbour) return;
    const after = direction === "down" ? neighbour.cell.id : this.#idBefore(neighbour);
    this.#send("cell_move", { cell_id: element.cell.id, after });
  }

  async #delete(element: CellElement): Promise<void> {
    const { cell, text } = element;
    const after = this.#idBefore(element);
    const next = this.#cells.neighbour(element, "down") ?? this.#cells.neighbour(element, "up");
    try {
      await this.#client.send("cell_delete", { cell_id: cell.id });
      if (next) this.#destination = { cellId: next.cell.id, to: "cell" };
      this.changed();
      const undo = { label: "Undo", run: () => this.#restore(cell, text, after) };
      this.#toasts.show({ tone: "info", text: "Cell deleted.", action: undo });
    } catch (error) {
      this.#report(error);
    }
  }

  #restore({ kind }: Cell, source: string, after: string): void {
    const place = after === "" || findCell(this.#client.state.notebook, after) ? after : null;
    const cell_id = newId();
    this.#destination = { cellId: cell_id, to: "cell" };
    this.#send("cell_create", { kind, source, after: place, cell_id });
  }

  #leave(element: CellElement, direction: "up" | "down", to: "cell" | "text"): void {
    const next = this.#cells.neighbour(element, direction);
    if (!next) return;
    if (to === "cell" || next.cell.kind === "markdown") next.select();
    else next.edit(direction === "down" ? "start" : "end");
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const saved = Promise.all(this.#cells.elements.map((element) => element.flush()));
    this.#try(saved.then(() => this.#toasts.show({ tone: "info", text: "Everything is saved, as it always is." })));
  }

  #warnOfUnsent(event: BeforeUnloadEvent): void {
    const unsent = this.#cells.elements.some((element) => element.hasUnsent);
    if (unsent && !this.#isLeaving) event.preventDefault();
  }

  #send(...[type, fields]: Parameters<NotebookClient["send"]>): void {
    this.#try(this.#client.send(type, fields));
  }

  #try(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#report(error));
  }

  #report(error: unknown): void {
    this.#toasts.error(error);
  }
}

/** A kernel is busy while a cell runs; the server does not tell the two apart. */
function shownKernel({ kernel, cells }: Notebook): Kernel {
  const isBusy = kernel.status === "idle" && cells.some((cell) => cell.status === "running");
  return isBusy ? { ...kernel, status: "busy" } : kernel;
}

new NotebookPage(embedded<Snapshot>("snapshot")).start();
