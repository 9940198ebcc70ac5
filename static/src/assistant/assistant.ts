// The assistant in the page around its panel: its button, its key, the cells it works on, and what cells ask of it.

import type { CellElement } from "../cells/cell";
import type { CellList } from "../cells/cell_list";
import { find } from "../dom";
import type { AssistantEvent, CellMark, ChatMessage } from "../protocol/chat";
import { type Activity, afterAnswer, afterNews, cellsOf, NO_ACTIVITY, standing } from "./activity";
import { GO_TO_TURN, Marks } from "./marks";
import "./panel";
import type { AssistantPanel } from "./panel";
import { Proposals } from "./proposals";
import { type About, requestAbout, requestToChange } from "./requests";
import type { AssistantServices } from "./services";

const TITLES = { waiting: "The assistant asks you something", working: "The assistant is at work", "": "Assistant" };
const KEY = "Ctrl+Alt+I";

export class Assistant {
  #services: AssistantServices;
  #cells: CellList;
  #panel = find<AssistantPanel>(document, "tandem-assistant");
  #activity: Activity = NO_ACTIVITY;
  #proposals: Proposals;
  #marks: Marks;
  /** The cells that are marked. */
  #marked = new Set<string>();

  constructor(services: AssistantServices, cells: CellList) {
    this.#services = services;
    this.#cells = cells;
    this.#proposals = new Proposals(services, cells);
    this.#marks = new Marks(services, cells);
  }

  // Actions

  get panel(): AssistantPanel {
    return this.#panel;
  }

  start(): void {
    this.#panel.start(this.#services);
    document.addEventListener(GO_TO_TURN, ({ detail }: CustomEventInit<CellMark>) => {
      if (detail) void this.#panel.showTurn(detail.conversation_id, detail.turn_id);
    });
  }

  heard(news: ChatMessage | AssistantEvent): void {
    this.#activity = afterNews(this.#activity, news);
    this.#panel.heard(news);
    this.#proposals.heard(news);
    this.#marks.heard(news);
    this.#show();
  }

  /** A new connection: who did what meanwhile is not known. */
  opened(): void {
    this.#activity = NO_ACTIVITY;
    void this.#askWhatGoesOn();
    this.#panel.opened();
    this.#proposals.opened();
    this.#marks.opened();
    this.#show();
  }

  /** The notebook is another. */
  follow(): void {
    this.#panel.follow();
    this.#proposals.follow();
    this.#marks.show();
    this.#show();
  }

  about(element: CellElement, about: About): void {
    void this.#panel.ask(requestAbout(about, element.cell, this.#services.numbers()));
  }

  /** Ask at the cell what should change in it. */
  async instruct(element: CellElement): Promise<void> {
    const { openInstruction } = await import("./instruction");
    openInstruction(element, (instruction) => {
      void this.#panel.ask(requestToChange(element.cell, instruction, this.#services.numbers()));
    });
  }

  // Private

  async #askWhatGoesOn(): Promise<void> {
    try {
      const { turns } = await this.#services.send("chat_unfinished", {});
      this.#activity = afterAnswer(this.#activity, turns);
      this.#show();
    } catch {
      // Without a connection; it is asked again when it is back.
    }
  }

  #show(): void {
    const cells = cellsOf(this.#activity, this.#services.numbers());
    for (const id of new Set([...this.#marked, ...cells])) {
      const element = this.#cells.find(id);
      if (!element) continue;
      if (cells.has(id)) element.dataset["assistant"] = "working";
      else delete element.dataset["assistant"];
    }
    this.#marked = cells;
    const button = find(document, "#assistant-button");
    const state = standing(this.#activity);
    button.dataset["state"] = state;
    button.title = `${TITLES[state]} (${KEY})`;
  }
}
