// The notebook page: wires the parts. Cells and panels dispatch events; this listens, has commands sent, and
// shows what the server says became of them.

import { CELL_ACTION, CELL_LOST, type CellAction, type LostText } from "./cells/actions";
import { CellElement } from "./cells/cell";
import { CellList } from "./cells/cell_list";
import { CellCommands } from "./cells/commands";
import { servicesOver } from "./cells/services";
import { embedded, find } from "./dom";
import "./outputs/output_list";
import { type ConnectionChip, describeEnd } from "./panels/connection_chip";
import { wireDialogs } from "./panels/dialog_button";
import "./panels/kernel_chip";
import type { KernelChip } from "./panels/kernel_chip";
import "./panels/theme_toggle";
import { RENAME, type TitleField } from "./panels/title_field";
import "./panels/toasts";
import type { Toasts } from "./panels/toasts";
import { NotebookClient, type NotebookObserver } from "./protocol/client";
import { ConnectionLost, type ConnectionStatus, type EndReason } from "./protocol/socket";
import { initialState } from "./protocol/state";
import type { CellKind, CellUpdated, Kernel, Notebook, Role } from "./protocol/types";

interface Snapshot {
  readonly seq: number;
  readonly role: Role;
  readonly notebook: Notebook;
}

class NotebookPage implements NotebookObserver {
  #role: Role;
  #client: NotebookClient;
  #cells: CellList;
  #commands: CellCommands;
  #toasts = find<Toasts>(document, "tandem-toasts");
  #frame = 0;
  #isLeaving = false;

  constructor({ notebook, role }: Snapshot) {
    this.#role = role;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const url = `${scheme}//${location.host}/ws/notebooks/${notebook.id}/`;
    this.#client = new NotebookClient(url, initialState(notebook, role), this);
    this.#cells = new CellList(find(document, "#cells"), servicesOver(this.#client));
    this.#commands = new CellCommands(this.#client, this.#cells, {
      report: (error) => this.#toasts.error(error),
      announce: (toast) => this.#toasts.show(toast),
    });
  }

  // Lifecycle

  start(): void {
    wireDialogs(document.body);
    document.addEventListener(CELL_ACTION, (event) => this.#obey(event as CustomEvent<CellAction>));
    document.addEventListener(CELL_LOST, (event) => this.#offerBack(event as CustomEvent<LostText>));
    document.addEventListener(RENAME, (event) => this.#rename(event as CustomEvent<string>));
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
    if (this.#client.state.role !== this.#role) this.#roleChanged(this.#client.state.role);
    this.#commands.flush().catch((error: unknown) => this.#flushFailed(error));
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
  }

  #obey({ target, detail }: CustomEvent<CellAction>): void {
    if (target instanceof CellElement) this.#commands.obey(target, detail);
  }

  #offerBack({ detail: { kind, text } }: CustomEvent<LostText>): void {
    const action = { label: "Bring it back", run: () => this.#commands.restore(kind, text, null) };
    this.#toasts.show({ tone: "error", text: "Somebody deleted the cell you were typing in.", action });
  }

  #rename({ detail }: CustomEvent<string>): void {
    this.#commands.send("notebook_rename", { title: detail });
  }

  #clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-command]");
    if (!button) return;
    const { command, kind } = button.dataset;
    if (command === "run-all") void this.#commands.run("all");
    if (command === "interrupt") this.#commands.send("interrupt", {});
    if (command === "restart") this.#commands.send("restart", {});
    if (command === "append") this.#commands.insert(kind as CellKind, null);
    if (command === "prepend") this.#commands.insert(kind as CellKind, "");
  }

  /** The browser's "save page" is never what somebody in a notebook means. */
  #keyPressed(event: KeyboardEvent): void {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.#commands.flush().then(
      () => this.#toasts.show({ tone: "info", text: "Everything is saved, as it always is." }),
      (error: unknown) => this.#toasts.error(error),
    );
  }

  #flushFailed(error: unknown): void {
    // The connection broke again; what waits is sent with the next one.
    if (!(error instanceof ConnectionLost)) this.#toasts.error(error);
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

new NotebookPage(embedded<Snapshot>("snapshot")).start();
