// <tandem-databases>: the drawer with what there is in the databases that the notebook's SQL cells can ask, as a tree to
// search in; a click on a name, or Enter, puts it into the SQL cell that had the focus last. What is in a database is
// asked when somebody opens it. Its markup is templates/notebook/_databases.html.

import { find, fromTemplate } from "../dom";
import type { Ago } from "../history/ago";
import { showRows } from "../history/rows";
import { messageOf } from "../message_of";
import { Drawer } from "../panels/drawer";
import type { Source } from "../protocol/types";
import type { DatabaseStore } from "./store";
import { type Branch, keyIn, MAX_ROWS, parentOf, type Row, rowsOf } from "./tree";

const NONE = "No database is shared with this notebook yet. Choose a connection above an SQL cell.";
const ASKING = "Looking…";
const EMPTY = "There is no table that its user may read.";
const NOT_ALL = "Not all is listed: it is too much.";
const CUT = `The first ${MAX_ROWS.toLocaleString("en")} lines. Search for a part of a name to see others.`;

export interface DatabasesSource {
  readonly databases: DatabaseStore;
  sources(): Promise<readonly Source[]>;
  /** The connection of the SQL cell that people are at; null if there is none. */
  connectionId(): string | null;
  insert(text: string): void;
}

export class DatabasesPanel extends Drawer {
  #source: DatabasesSource | null = null;
  #connections: readonly Source[] = [];
  /** What went wrong when a connection was asked. */
  #problems = new Map<string, string>();
  #asked = new Set<string>();
  /** Those whose first schema was opened. */
  #met = new Set<string>();
  #open = new Set<string>();
  #rows = new Map<string, Row>();
  /** The row that the Tab key goes to. */
  #activeKey = "";
  #stop = new AbortController();

  // Lifecycle

  override connectedCallback(): void {
    super.connectedCallback();
    const { signal } = (this.#stop = new AbortController());
    find(this, "[data-part=refresh]").addEventListener("click", () => void this.#look(true), { signal });
    this.#search.addEventListener("input", () => this.#show(), { signal });
    this.#tree.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.#tree.addEventListener("keydown", (event) => this.#pressed(event), { signal });
  }

  disconnectedCallback(): void {
    this.#stop.abort();
  }

  start(source: DatabasesSource): void {
    this.#source = source;
  }

  // Actions

  open(): void {
    if (!this.hidden) return;
    this.show();
    this.#search.focus();
    void this.#look();
  }

  // Private

  get #search(): HTMLInputElement {
    return find<HTMLInputElement>(this, "input");
  }

  get #tree(): HTMLElement {
    return find(this, "[data-part=tree]");
  }

  /** Which connections there are; that of the cell, or the only one, is open at once. */
  async #look(isFresh = false): Promise<void> {
    if (!this.#source) return;
    try {
      this.#connections = (await this.#source.sources()).filter(({ is_shared }) => is_shared);
    } catch (error) {
      return this.#note(messageOf(error));
    }
    const wanted = this.#connections.length === 1 ? this.#connections[0]?.id : this.#source.connectionId();
    if (wanted && !isFresh && this.#connections.some(({ id }) => id === wanted)) this.#open.add(wanted);
    for (const { id } of this.#connections) if (this.#open.has(id)) void this.#ask(id, isFresh);
    this.#show();
  }

  async #ask(id: string, isFresh = false): Promise<void> {
    if (!this.#source) return;
    this.#asked.add(id);
    this.#problems.delete(id);
    this.#show();
    try {
      const [first] = (await this.#source.databases.database(id, isFresh)).schemas;
      // What people look for is mostly there.
      if (first && !this.#met.has(id)) this.#open.add(keyIn(id, first.name));
      this.#met.add(id);
    } catch (error) {
      this.#problems.set(id, messageOf(error));
    }
    this.#asked.delete(id);
    this.#show();
  }

  #show(): void {
    const { rows, isCut } = rowsOf(this.#connections.map((each) => this.#branch(each)), this.#open, this.#search.value);
    this.#rows = new Map(rows.map((row) => [row.key, row]));
    if (!this.#rows.has(this.#activeKey)) this.#activeKey = rows[0]?.key ?? "";
    showRows(this.#tree, rows, {
      key: ({ key }) => key,
      make: () => fromTemplate("template-database-row"),
      fill: (element, row) => this.#fill(element, row),
    });
    this.#tree.hidden = rows.length === 0;
    this.#note(rows.length === 0 ? NONE : isCut ? CUT : "");
  }

  #branch(source: Source): Branch {
    const database = this.#source?.databases.known(source.id) ?? null;
    const problem = this.#problems.get(source.id);
    if (problem !== undefined) return { source, database, note: problem };
    if (this.#asked.has(source.id)) return { source, database, note: ASKING };
    if (database?.schemas.length === 0) return { source, database, note: EMPTY };
    return { source, database, note: database && !database.is_complete ? NOT_ALL : "" };
  }

  #fill(element: HTMLElement, { key, kind, level, label, detail, asOf, isOpen, written }: Row): void {
    element.dataset["kind"] = kind;
    element.dataset["state"] = this.#problems.has(key) ? "failed" : "";
    element.ariaLevel = String(level);
    element.ariaExpanded = isOpen === null ? null : String(isOpen);
    element.tabIndex = key === this.#activeKey ? 0 : -1;
    element.title = written ? `Insert ${written}` : "";
    find(element, "[data-part=label]").textContent = label;
    find(element, "[data-part=detail]").textContent = detail;
    const ago = find<Ago>(element, "tandem-ago");
    ago.hidden = asOf === "";
    if (asOf) ago.show(asOf);
  }

  #note(text: string): void {
    find(this, "[data-part=note]").textContent = text;
  }

  // What people do

  #clicked({ target }: MouseEvent): void {
    const row = this.#rowOf(target);
    if (!row) return;
    this.#goTo(row.key);
    if ((target as Element).closest("[data-part=twisty]")) this.#toggle(row);
    else this.#use(row);
  }

  #rowOf(target: EventTarget | null): Row | undefined {
    const element = (target as Element).closest<HTMLElement>("[role=treeitem]");
    return this.#rows.get(element?.dataset["key"] ?? "");
  }

  #pressed(event: KeyboardEvent): void {
    const row = this.#rowOf(event.target);
    if (!row || event.ctrlKey || event.altKey || event.metaKey || !this.#obey(event.key, row)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** As trees do: see the pattern of the ARIA Authoring Practices. Whether the key means something here. */
  #obey(key: string, row: Row): boolean {
    const keys = [...this.#rows.keys()];
    const index = keys.indexOf(row.key);
    switch (key) {
      case "ArrowDown":
        return this.#goTo(keys[index + 1]);
      case "ArrowUp":
        return this.#goTo(keys[index - 1]);
      case "Home":
        return this.#goTo(keys[0]);
      case "End":
        return this.#goTo(keys.at(-1));
      case "ArrowRight":
        return row.isOpen === false ? this.#toggle(row) : this.#goTo(row.isOpen ? keys[index + 1] : undefined);
      case "ArrowLeft":
        return row.isOpen && this.#open.has(row.key) ? this.#toggle(row) : this.#goTo(parentOf(row.key));
      case "Enter":
      case " ":
        return this.#use(row);
      default:
        return false;
    }
  }

  #goTo(key: string | undefined): boolean {
    if (!key || !this.#rows.has(key)) return true;
    const elements = [...this.#tree.children] as HTMLElement[];
    for (const element of elements) element.tabIndex = element.dataset["key"] === key ? 0 : -1;
    this.#activeKey = key;
    elements.find(({ tabIndex }) => tabIndex === 0)?.focus();
    return true;
  }

  #use(row: Row): boolean {
    if (!row.written) return this.#toggle(row);
    this.#source?.insert(row.written);
    return true;
  }

  #toggle({ key, kind, isOpen }: Row): boolean {
    if (isOpen === null) return true;
    if (!this.#open.delete(key)) this.#open.add(key);
    if (kind === "connection" && this.#open.has(key)) void this.#ask(key);
    else this.#show();
    return true;
  }
}

customElements.define("tandem-databases", DatabasesPanel);
