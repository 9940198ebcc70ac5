// <tandem-connection>: whether the page is in step with the server, and that what is typed is saved. Always in view.

import { Alarm } from "../alarm";
import { find } from "../dom";
import type { ConnectionStatus, EndReason } from "../protocol/socket";

const LABELS: Readonly<Record<ConnectionStatus, string>> = {
  connecting: "Connecting…",
  connected: "Saved",
  reconnecting: "Reconnecting…",
  offline: "Offline",
  ended: "Disconnected",
};

const HINTS: Readonly<Record<ConnectionStatus, string>> = {
  connecting: "The page connects to the server.",
  connected: "Everything is saved as you type, and you see what others do. There is no need to save.",
  reconnecting: "The connection broke. Go on typing: it is sent when the server is back.",
  offline: "This computer has no network. Go on typing: it is sent when the network is back.",
  ended: "The server closed this notebook for you.",
};

const REASONS: Readonly<Record<EndReason, string>> = {
  logged_out: "You are logged out. Log in again in this browser, then reload the page.",
  not_found: "This notebook was deleted, or is no longer shared with you.",
};

// What is stored sooner is not worth a word: the chip does not flicker while somebody types.
const PATIENCE_MS = 700;

export class ConnectionChip extends HTMLElement {
  #status: ConnectionStatus = "connecting";
  #unsentCells = 0;
  #slow = new Alarm(() => this.#showLabel("Saving…"));

  show(status: ConnectionStatus, reason?: EndReason): void {
    this.#status = status;
    this.dataset["status"] = status;
    this.title = reason ? REASONS[reason] : HINTS[status];
    this.showUnsent(this.#unsentCells);
  }

  /** So many cells have text that the server does not have yet. */
  showUnsent(cells: number): void {
    this.#unsentCells = cells;
    if (cells > 0 && this.#status === "connected") return this.#slow.within(PATIENCE_MS);
    this.#slow.cancel();
    this.#showLabel(LABELS[this.#status]);
  }

  // Private

  #showLabel(label: string): void {
    const element = find(this, "[data-part=label]");
    if (element.textContent !== label) element.textContent = label;
  }
}

/** What to tell whoever was refused. */
export function describeEnd(reason: EndReason): string {
  return REASONS[reason];
}

customElements.define("tandem-connection", ConnectionChip);
