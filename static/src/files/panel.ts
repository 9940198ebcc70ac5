// <tandem-files>: the drawer with the files of the notebook's folder. The server is asked when it opens, and while it is
// open after each cell that ended and when somebody changed a file. Its markup is templates/notebook/_files.html.

import { find, fromTemplate } from "../dom";
import { showRows } from "../history/rows";
import { relativeTime } from "../history/times";
import { messageOf } from "../message_of";
import { Drawer } from "../panels/drawer";
import type { Notebook } from "../protocol/types";
import { formatSize } from "../variables/arrangement";
import { joined, parentOf, stepsTo } from "./paths";
import { showPreview } from "./preview";
import { codeToRead } from "./reading";
import { type FileEntry, type FileList, FileRequests } from "./requests";
import { Uploads } from "./uploads";

// Cells that run one after the other are followed by one look.
const FOLLOW_MS = 300;

const EMPTY = "The folder is empty.";
const NOT_ALL = "These are the first 1,000 of many.";
const NO_FOLDERS = "Folders cannot be dropped. Make a folder here, and drop its files into it.";

export interface FilesSource {
  notebook(): Notebook;
  /** A new Python cell; "" is the top, null the end. */
  insert(source: string, after: string | null): void;
  error(error: unknown): void;
  /** Close the other drawers. */
  makeRoom(): void;
}

export class FilesPanel extends Drawer {
  #source: FilesSource | null = null;
  #requests = new FileRequests(this.dataset["notebook"] ?? "");
  #uploads: Uploads | null = null;
  #folder = "";
  #list: FileList = { files: [], is_complete: true };
  /** Of the file whose details are open. */
  #openName: string | null = null;
  #shownRuns = "";
  #takesFocus = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #activeCell: string | null = null;
  #stop = new AbortController();

  // Lifecycle

  override connectedCallback(): void {
    super.connectedCallback();
    const { signal } = (this.#stop = new AbortController());
    this.onclick = (event) => this.#clicked(event);
    this.onsubmit = (event) => this.#submitted(event);
    document.addEventListener("focusin", ({ target }) => this.#noteCell(target), { signal });
    if (!this.#canEdit) return;
    const maxBytes = Number(this.dataset["maxBytes"]);
    this.#uploads = new Uploads(find(this, "[data-part=uploads]"), this.#requests, maxBytes, () => this.changed());
    const chooser = find<HTMLInputElement>(this, "[data-part=chooser]");
    chooser.onchange = () => {
      this.#uploads?.add(this.#folder, [...(chooser.files ?? [])]);
      chooser.value = "";
    };
    document.addEventListener("dragover", (event) => this.#dragOver(event), { signal });
    document.addEventListener("dragleave", (event) => this.#dragLeave(event), { signal });
    document.addEventListener("drop", (event) => this.#dropped(event), { signal });
  }

  disconnectedCallback(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  start(source: FilesSource): void {
    this.#source = source;
  }

  // Actions

  open(): void {
    if (!this.hidden) return;
    this.show();
    find(this, "[data-part=close]").focus();
    this.#shownRuns = this.#source ? endedRuns(this.#source.notebook()) : "";
    this.#takesFocus = false;
    this.#showPath();
    void this.#look();
  }

  override close(): void {
    super.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Something in the notebook is different: cells that ended may have written files. */
  follow(): void {
    if (this.hidden || !this.#source) return;
    const runs = endedRuns(this.#source.notebook());
    if (runs === this.#shownRuns) return;
    this.#shownRuns = runs;
    this.changed();
  }

  /** Somebody may have changed files. */
  changed(): void {
    if (this.hidden) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, FOLLOW_MS);
  }

  // Private

  get #canEdit(): boolean {
    return "canEdit" in this.dataset;
  }

  async #look(): Promise<void> {
    const folder = this.#folder;
    try {
      const list = await this.#requests.list(folder);
      if (folder !== this.#folder) return;
      this.#list = list;
      this.#show();
    } catch (error) {
      // The folder may be gone; the notebook's own is always there.
      if (folder === this.#folder && folder) return this.#goTo(parentOf(folder));
      this.#note(messageOf(error));
    }
  }

  #goTo(folder: string): void {
    // What had the focus goes with the rows.
    this.#takesFocus = this.contains(document.activeElement);
    this.#folder = folder;
    this.#openName = null;
    this.#list = { files: [], is_complete: true };
    find(this, "[data-part=rows]").replaceChildren();
    this.#showPath();
    void this.#look();
  }

  #show(): void {
    const { files, is_complete } = this.#list;
    this.#note(is_complete ? (files.length === 0 ? EMPTY : "") : NOT_ALL);
    const order = (entry: FileEntry): number => (entry.kind === "folder" ? 0 : 1);
    const sorted = [...files].sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, "en"));
    showRows(find(this, "[data-part=rows]"), sorted, {
      key: ({ name }) => name,
      make: () => fromTemplate("template-file"),
      fill: (row, entry) => this.#fill(row, entry),
    });
  }

  #showPath(): void {
    const steps = [{ name: "Files", path: "" }, ...stepsTo(this.#folder)];
    find(this, "[data-part=path]").replaceChildren(
      ...steps.map(({ name, path }, index) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = name;
        button.dataset["goTo"] = path;
        if (index === steps.length - 1) button.ariaCurrent = "true";
        button.onclick = () => this.#goTo(path);
        return button;
      }),
    );
    if (this.#takesFocus) find(this, "[data-part=path] [aria-current]").focus();
    find<HTMLAnchorElement>(this, "[data-part=zip]").href = this.#requests.zipUrl(this.#folder);
  }

  #fill(row: HTMLElement, { name, kind, size_bytes, modified_at }: FileEntry): void {
    const path = joined(this.#folder, name);
    const isOpen = this.#openName === name;
    row.dataset["kind"] = kind;
    find(row, "[data-part=name]").textContent = name;
    find(row, "[data-part=size]").textContent = kind === "file" ? formatSize(size_bytes) : kind === "folder" ? "" : kind;
    const time = find(row, "[data-part=time]");
    time.textContent = relativeTime(new Date(modified_at), new Date());
    time.title = new Date(modified_at).toLocaleString();
    const more = find(row, "[data-do=more]");
    more.ariaExpanded = String(isOpen);
    more.ariaLabel = `Actions for ${name}`;
    find(row, "[data-part=details]").hidden = !isOpen;
    const download = find<HTMLAnchorElement>(row, "[data-part=download]");
    download.hidden = kind !== "file" && kind !== "folder";
    download.href = kind === "folder" ? this.#requests.zipUrl(path) : this.#requests.downloadUrl(path);
    find(row, "[data-part=download-label]").textContent = kind === "folder" ? "Download as ZIP" : "Download";
    const read = row.querySelector<HTMLElement>("[data-do=read]");
    if (read) read.hidden = kind !== "file" || codeToRead(path) === null;
  }

  #clicked({ target }: MouseEvent): void {
    const button = (target as Element).closest<HTMLElement>("[data-do]");
    const name = button?.closest<HTMLElement>("[data-key]")?.dataset["key"];
    const entry = this.#list.files.find((each) => each.name === name);
    switch (button?.dataset["do"]) {
      case "refresh":
        return void this.#look();
      case "new-folder":
        return this.#askForFolder(true);
      case "cancel-folder":
        return this.#askForFolder(false);
      case "open":
        return entry && (entry.kind === "folder" ? this.#goTo(joined(this.#folder, entry.name)) : this.#toggle(entry));
      case "more":
        return entry && this.#toggle(entry);
      case "read":
        return entry && this.#readIntoCell(entry);
      case "rename":
        return entry && this.#askForName(entry, true);
      case "cancel-rename":
        return entry && this.#askForName(entry, false);
      case "delete":
        return entry && void this.#delete(entry);
    }
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLElement;
    if (form.dataset["part"] === "folder-form") return void this.#makeFolder(form);
    const name = form.closest<HTMLElement>("[data-key]")?.dataset["key"];
    if (name !== undefined) void this.#rename(name, find<HTMLInputElement>(form, "input").value.trim());
  }

  #toggle(entry: FileEntry): void {
    this.#openName = this.#openName === entry.name ? null : entry.name;
    this.#show();
    if (this.#openName !== null && entry.kind === "file") void this.#preview(entry.name);
  }

  async #preview(name: string): Promise<void> {
    const path = joined(this.#folder, name);
    const details = (): HTMLElement | undefined => this.#rowOf(name)?.querySelector<HTMLElement>("[data-part=details]") ?? undefined;
    try {
      const preview = await this.#requests.preview(path);
      const element = details();
      if (element && path === joined(this.#folder, name)) showPreview(element, preview, this.#requests.imageUrl(path));
    } catch (error) {
      const element = details();
      if (element) find(element, "[data-part=file-note]").textContent = messageOf(error);
    }
  }

  #readIntoCell({ name }: FileEntry): void {
    const source = codeToRead(joined(this.#folder, name));
    if (source === null || !this.#source) return;
    const cells = this.#source.notebook().cells;
    const after = cells.some(({ id }) => id === this.#activeCell) ? this.#activeCell : null;
    // On a narrow page the drawer would hide what it made.
    if (matchMedia("(width < 64rem)").matches) this.close();
    this.#source.insert(source, after);
  }

  #askForFolder(isAsked: boolean): void {
    const form = find(this, "[data-part=folder-form]");
    const input = find<HTMLInputElement>(form, "input");
    form.hidden = !isAsked;
    input.value = "";
    if (isAsked) input.focus();
    else find(this, "[data-do=new-folder]").focus();
  }

  async #makeFolder(form: HTMLElement): Promise<void> {
    const name = find<HTMLInputElement>(form, "input").value.trim();
    if (name && (await this.#did(this.#requests.makeFolder(joined(this.#folder, name))))) this.#askForFolder(false);
  }

  #askForName({ name }: FileEntry, isAsked: boolean): void {
    const row = this.#rowOf(name);
    if (!row) return;
    const form = find(row, "[data-part=rename-form]");
    form.hidden = !isAsked;
    const input = find<HTMLInputElement>(form, "input");
    input.value = name;
    if (!isAsked) return find(row, "[data-do=rename]").focus();
    input.focus();
    const dot = name.lastIndexOf(".");
    input.setSelectionRange(0, dot > 0 ? dot : name.length);
  }

  async #rename(name: string, newName: string): Promise<void> {
    if (!newName) return;
    const isDone = await this.#did(this.#requests.move(joined(this.#folder, name), joined(this.#folder, newName)));
    if (isDone) this.#openName = null;
  }

  async #delete({ name }: FileEntry): Promise<void> {
    const dialog = find<HTMLDialogElement>(document, "#delete-file-dialog");
    find(dialog, "[data-part=heading]").textContent = `Delete ${name}?`;
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    if (dialog.returnValue !== "delete") return;
    await this.#did(this.#requests.remove(joined(this.#folder, name)));
    find(this, "[data-part=close]").focus();
  }

  /** Whether a change worked; what was wrong is told. */
  async #did(change: Promise<void>): Promise<boolean> {
    try {
      await change;
      await this.#look();
      return true;
    } catch (error) {
      this.#source?.error(error);
      return false;
    }
  }

  #dragOver(event: DragEvent): void {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dataset["drop"] = "over";
  }

  #dragLeave(event: DragEvent): void {
    // Only leaving the window has no element it enters.
    if (event.relatedTarget === null) delete this.dataset["drop"];
  }

  #dropped(event: DragEvent): void {
    delete this.dataset["drop"];
    const data = event.dataTransfer;
    if (event.defaultPrevented || !data?.files.length) return;
    event.preventDefault();
    if (this.hidden) {
      this.#source?.makeRoom();
      this.open();
    }
    const isFolder = [...data.items].some((item) => item.webkitGetAsEntry()?.isDirectory);
    if (isFolder) this.#note(NO_FOLDERS);
    else this.#uploads?.add(this.#folder, data.files);
  }

  #noteCell(target: EventTarget | null): void {
    const cell = target instanceof Element ? target.closest<HTMLElement>("tandem-cell") : null;
    if (cell) this.#activeCell = cell.dataset["cellId"] ?? null;
  }

  #note(text: string): void {
    find(this, "[data-part=note]").textContent = text;
  }

  #rowOf(name: string): HTMLElement | undefined {
    const rows = [...find(this, "[data-part=rows]").children] as HTMLElement[];
    return rows.find((row) => row.dataset["key"] === name);
  }
}

/** Which runs have ended. */
function endedRuns({ cells }: Notebook): string {
  return cells.map(({ cell_run_id, status }) => (status === "running" ? "" : (cell_run_id ?? ""))).join();
}

customElements.define("tandem-files", FilesPanel);
