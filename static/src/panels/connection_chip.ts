// <tandem-connection>: whether the page is in step with the server, always in view.

import { find } from "../dom";
import type { ConnectionStatus, EndReason } from "../protocol/socket";

const LABELS: Readonly<Record<ConnectionStatus, string>> = {
  connecting: "Connecting…",
  connected: "Connected",
  reconnecting: "Reconnecting…",
  offline: "Offline",
  ended: "Disconnected",
};

const HINTS: Readonly<Record<ConnectionStatus, string>> = {
  connecting: "The page connects to the server.",
  connected: "Everything you type is saved, and you see what others do.",
  reconnecting: "The connection broke. Go on typing: it is sent when the server is back.",
  offline: "This computer has no network. Go on typing: it is sent when the network is back.",
  ended: "The server closed this notebook for you.",
};

const REASONS: Readonly<Record<EndReason, string>> = {
  logged_out: "You are logged out. Log in again in this browser, then reload the page.",
  not_found: "This notebook was deleted, or is no longer shared with you.",
};

export class ConnectionChip extends HTMLElement {
  show(status: ConnectionStatus, reason?: EndReason): void {
    this.dataset["status"] = status;
    this.title = reason ? REASONS[reason] : HINTS[status];
    find(this, "[data-part=label]").textContent = LABELS[status];
  }
}

/** What to tell whoever was refused. */
export function describeEnd(reason: EndReason): string {
  return REASONS[reason];
}

customElements.define("tandem-connection", ConnectionChip);
