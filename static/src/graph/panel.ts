// <tandem-graph>: the drawer with the graph of the notebook: which cell needs which. Not a dialog: the notebook beside it
// stays in use. Its markup is templates/notebook/_graph.html.

import { find } from "../dom";
import { Drawer } from "../panels/drawer";
import type { State } from "../protocol/state";
import type { Known } from "../reactive/connection_card";
import type { Layout, Question } from "./layout";
import type { Numbered } from "./layout_worker";
import { type GraphNode, nodesOf } from "./nodes";
import type { GraphView } from "./view";

// While somebody types, the graph follows at this pace.
const FOLLOW_MS = 300;
const NARROW = "(width < 48rem)";

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** The notebook as it is, from the page. */
export interface GraphSource {
  state(): State;
  known(): Known;
}

export class GraphPanel extends Drawer {
  #source: GraphSource | null = null;
  #view: GraphView | null = null;
  #worker: Worker | null = null;
  #nodes: readonly GraphNode[] = [];
  /** What the newest question was about; another graph is another question. */
  #shape = "";
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #current: string | null = null;
  #isFitted = false;

  // Lifecycle

  override connectedCallback(): void {
    super.connectedCallback();
    this.onclick = (event) => this.#clicked(event);
    this.onkeydown = (event) => this.#keyPressed(event);
    document.addEventListener("focusin", ({ target }) => this.#focusCame(target));
  }

  start(source: GraphSource): void {
    this.#source = source;
  }

  // Actions

  open(): void {
    if (!this.hidden) return;
    this.show();
    this.#isFitted = false;
    this.#shape = "";
    find(this, "[data-part=close]").focus();
    this.#refresh();
  }

  override close(): void {
    super.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The notebook or its dependencies are others. */
  follow(): void {
    if (!this.hidden) this.#timer ??= setTimeout(() => this.#refresh(), FOLLOW_MS);
  }

  // Private

  get #svg(): SVGSVGElement {
    return find(this, "svg.graph-picture") as unknown as SVGSVGElement;
  }

  #refresh(): void {
    this.#timer = undefined;
    if (!this.#source) return;
    const { dependencies, index, numbers } = this.#source.known();
    this.#nodes = nodesOf(this.#source.state().notebook.cells, dependencies, numbers);
    const nodes = this.#nodes.map(({ id }) => id);
    const arrows = index.edges.map(({ from, to }) => ({ from, to }));
    find(this, "[data-part=empty]").hidden = nodes.length > 0;
    const shape = JSON.stringify([nodes, arrows]);
    if (shape === this.#shape) return this.#view?.fill(this.#nodes);
    this.#shape = shape;
    const { clientWidth: width, clientHeight: height } = this.#svg;
    this.#ask({ nodes, arrows, room: { width, height } });
  }

  #ask(content: Question): void {
    this.#worker ??= this.#startWorker();
    const question: Numbered<Question> = { number: ++this.#asked, content };
    this.dataset["state"] = "waiting";
    this.#worker.postMessage(question);
  }

  #startWorker(): Worker {
    const worker = new Worker(this.dataset["worker"] ?? "");
    worker.onmessage = ({ data }: MessageEvent<Numbered<Layout>>) => {
      if (data.number === this.#asked) void this.#draw(data.content);
    };
    worker.onerror = () => this.#fail();
    return worker;
  }

  async #draw(layout: Layout): Promise<void> {
    try {
      this.#view ??= new (await import("./view")).GraphView(this.#svg);
    } catch {
      return this.#fail();
    }
    if (!this.#source) return;
    this.dataset["state"] = "drawn";
    this.#view.draw(layout, this.#nodes, this.#source.known().index);
    this.#view.markCurrent(this.#current);
    if (!this.#isFitted) this.#view.showAll(this.#current);
    this.#isFitted = true;
  }

  #fail(): void {
    this.dataset["state"] = "failed";
    this.#shape = "";
    this.#worker?.terminate();
    this.#worker = null;
  }

  #focusCame(target: EventTarget | null): void {
    const cellId = target instanceof Element ? target.closest<HTMLElement>("tandem-cell")?.dataset["cellId"] : undefined;
    if (cellId === undefined || cellId === this.#current) return;
    this.#current = cellId;
    if (!this.hidden) this.#view?.markCurrent(cellId);
  }

  #clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const node = target.closest<SVGElement>(".graph-node");
    // The page goes to the cell. The drawer covers it where there is little room.
    if (node && matchMedia(NARROW).matches) this.close();
    const action = target.closest<HTMLElement>("[data-zoom]")?.dataset["zoom"];
    if (action === "all") this.#view?.showAll(null, true);
    if (action === "in" || action === "out") this.#view?.zoomBy(action);
  }

  #keyPressed(event: KeyboardEvent): void {
    const node = (event.target as Element).closest<SVGElement>(".graph-node");
    if (!node) return;
    if (event.key === "Enter") node.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    if (event.key === "+" || event.key === "-") this.#view?.zoomBy(event.key === "+" ? "in" : "out");
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const index = this.#nodes.findIndex(({ id }) => id === node.dataset["goTo"]);
    const next = this.#nodes[index + step];
    if (next) this.#view?.focus(next.id);
  }
}

customElements.define("tandem-graph", GraphPanel);
