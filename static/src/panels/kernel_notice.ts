// <tandem-kernel-notice>: why the kernel is dead, or that the cell that runs goes on although it was interrupted, with
// what ends it. It lies over the page, like the banner of the connection, so it moves nothing. Its markup is
// templates/notebook/_kernel_notice.html.

import { find } from "../dom";
import type { Kernel } from "../protocol/types";
import { HINTS } from "./kernel_chip";

export class KernelNotice extends HTMLElement {
  #dismissed = "";

  // Lifecycle

  connectedCallback(): void {
    find(this, "[data-part=dismiss]").addEventListener("click", () => this.#dismiss());
  }

  // Actions

  show(kernel: Kernel): void {
    const text = noticeOf(kernel);
    if (text === "") this.#dismissed = "";
    find(this, "[data-part=text]").textContent = text;
    this.dataset["status"] = kernel.status;
    this.toggleAttribute("data-state", text !== "" && text !== this.#dismissed);
  }

  // Private

  #dismiss(): void {
    this.#dismissed = find(this, "[data-part=text]").textContent ?? "";
    this.toggleAttribute("data-state", false);
  }
}

/** A kernel that is busy has a message only if it goes on although it was interrupted. */
function noticeOf({ status, message }: Kernel): string {
  if (status === "dead") return message || HINTS.dead;
  return status === "busy" ? message : "";
}

customElements.define("tandem-kernel-notice", KernelNotice);
