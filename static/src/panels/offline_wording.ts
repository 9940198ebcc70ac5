// What the banner says about the connection. Pure.

import type { ConnectionStatus } from "../protocol/socket";

export function troubleOf(status: Exclude<ConnectionStatus, "connected" | "ended">): string {
  switch (status) {
    case "connecting":
      return "The server does not answer yet.";
    case "reconnecting":
      return "The connection to the server is lost.";
    case "offline":
      return "You are offline.";
  }
}

export function adviceOf(canEdit: boolean): string {
  if (!canEdit) return "What you see may be out of date until the connection is back.";
  return "Go on typing: what you write is kept in this browser and sent when the connection is back.";
}

/** `cells`: how many have text that the server does not. */
export function unsentNote(cells: number): string {
  if (cells === 0) return "Everything typed so far is saved.";
  return cells === 1 ? "One cell waits to be sent." : `${cells} cells wait to be sent.`;
}

export function backNote(cells: number): string {
  return cells === 0 ? "Back online. Everything is saved." : "Back online. Sending what you typed…";
}
