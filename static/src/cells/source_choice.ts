// The choice of what an SQL cell asks. What there is to choose from is asked when the cell has a connection, to name it,
// and each time that somebody is about to choose: connections are made and shared elsewhere.

import type { Source } from "../protocol/types";

const ADD = "add";
const RETRY_MS = 1000;

export class SourceChoice {
  #select: HTMLSelectElement;
  #sources: () => Promise<readonly Source[]>;
  #shown: (kind: string | null) => void;
  #connectionId: string | null = null;
  #isNamed = true;

  constructor(
    select: HTMLSelectElement,
    connect: (connectionId: string | null) => void,
    sources: () => Promise<readonly Source[]>,
    /** What is chosen is shown; `kind` is that of a connection, as far as it is known. */
    shown: (kind: string | null) => void,
  ) {
    this.#shown = shown;
    this.#select = select;
    this.#sources = sources;
    select.onfocus = () => void this.#load();
    select.onchange = () => {
      const chosen = select.value;
      // The server's answer shows the new one.
      this.#showChosen();
      if (chosen === ADD) window.open(select.dataset["connections"]);
      else if (chosen !== (this.#connectionId ?? "")) connect(chosen || null);
    };
  }

  show(connectionId: string | null): void {
    this.#connectionId = connectionId;
    this.#showChosen();
    if (!this.#isNamed) void this.#load();
  }

  /** A connection that is not among the options yet, or gone, is one too. */
  #showChosen(): void {
    const id = this.#connectionId ?? "";
    this.#isNamed = [...this.#select.options].some(({ value }) => value === id);
    if (!this.#isNamed) this.#select.add(new Option("A connection that is gone or not shared", id));
    this.#select.value = id;
    this.#shown(this.#select.selectedOptions[0]?.dataset["kind"] ?? null);
  }

  async #load(): Promise<void> {
    let sources: readonly Source[];
    try {
      sources = await this.#sources();
    } catch {
      // What is shown stays. A page that is not connected yet will be, and then the connection gets its name.
      if (!this.#isNamed && this.#select.isConnected) setTimeout(() => void this.#load(), RETRY_MS);
      return;
    }
    const [shared, own] = [true, false].map((isShared) => sources.filter(({ is_shared }) => is_shared === isShared));
    const groups = [
      group("Connections of this notebook", shared ?? []),
      group("Your connections: who may edit this notebook may then use them too", own ?? []),
    ];
    const add = new Option("Add a connection…", ADD);
    this.#select.replaceChildren(new Option("Dataframes and files", ""), ...groups.filter((each) => each.children.length > 0), add);
    this.#showChosen();
  }
}

function group(label: string, sources: readonly Source[]): HTMLOptGroupElement {
  const element = document.createElement("optgroup");
  element.label = label;
  element.append(...sources.map(option));
  return element;
}

function option({ id, name, kind, owner, is_shared }: Source): HTMLOptionElement {
  const made = new Option(is_shared ? `${name} (of ${owner})` : name, id);
  made.dataset["kind"] = kind;
  return made;
}
