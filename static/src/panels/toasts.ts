// <tandem-toasts>: short messages at the edge of the page, which never take the focus. Errors stay until dismissed or
// for long enough to be read twice.

import { find, fromTemplate } from "../dom";
import { messageOf } from "../message_of";

export interface Toast {
  readonly tone: "info" | "error";
  readonly text: string;
  /** A button in the message. */
  readonly action?: { readonly label: string; run(): void };
}

const INFO_MS = 6000;
const ERROR_MS = 15_000;
const STILL_READING_MS = 2000;
const MOST = 4;

export class Toasts extends HTMLElement {
  // Lifecycle

  connectedCallback(): void {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
  }

  // Actions

  show({ tone, text, action }: Toast): void {
    const same = [...this.children].find((each) => find(each, "[data-part=text]").textContent === text);
    same?.remove();
    const toast = fromTemplate("template-toast");
    toast.dataset["tone"] = tone;
    if (tone === "error") toast.setAttribute("role", "alert");
    find(toast, "[data-part=text]").textContent = text;
    find(toast, "[data-part=dismiss]").addEventListener("click", () => toast.remove());
    const button = find<HTMLButtonElement>(toast, "[data-part=action]");
    button.hidden = !action;
    button.textContent = action?.label ?? "";
    button.addEventListener("click", () => (toast.remove(), action?.run()));
    this.append(toast);
    while (this.children.length > MOST) this.firstElementChild?.remove();
    expire(toast, tone === "error" ? ERROR_MS : INFO_MS);
  }

  error(error: unknown): void {
    const text = messageOf(error);
    this.show({ tone: "error", text });
  }
}

/** It goes after this time, but not while somebody points at it or has the focus in it. */
function expire(toast: HTMLElement, afterMs: number): void {
  setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) expire(toast, STILL_READING_MS);
    else toast.remove();
  }, afterMs);
}

customElements.define("tandem-toasts", Toasts);
